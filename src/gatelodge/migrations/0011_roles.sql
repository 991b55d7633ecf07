create table permissions (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  slug text not null,
  name text not null,
  description text,
  resource_type_slug text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id)
);

create unique index permissions_by_slug on permissions (environment_id, slug);
create index permissions_by_age on permissions (environment_id, created_at, id);

-- Where a role counts, its `scope`, is the id of an organization, or empty for all of the environment.
create table roles (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  scope text not null,
  slug text not null,
  name text not null,
  description text,
  resource_type_slug text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id)
);

create unique index roles_by_slug on roles (environment_id, scope, slug);

create table role_permissions (
  environment_id text not null,
  role_id text not null,
  permission text not null,
  primary key (environment_id, role_id, permission),
  foreign key (environment_id, role_id) references roles (environment_id, id) on delete cascade,
  foreign key (environment_id, permission) references permissions (environment_id, slug) on delete cascade
);

create index role_permissions_by_permission on role_permissions (environment_id, permission);

-- The default role of the environment (empty scope), and of each organization with an order of its own.
create table role_scopes (
  environment_id text not null references environments (id) on delete cascade,
  scope text not null,
  default_role_id text not null,
  primary key (environment_id, scope)
);

-- The order of roles in each scope that has one; the lowest rank has the highest priority.
create table role_ranks (
  environment_id text not null,
  scope text not null,
  role_id text not null,
  rank bigint not null,
  primary key (environment_id, scope, role_id),
  foreign key (environment_id, role_id) references roles (environment_id, id) on delete cascade
);

create index role_ranks_by_role on role_ranks (environment_id, role_id);
