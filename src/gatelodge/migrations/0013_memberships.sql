create table organization_memberships (
  environment_id text not null,
  id text not null,
  user_id text not null,
  organization_id text not null,
  status text not null,
  directory_managed boolean not null,
  custom_attributes jsonb not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade,
  foreign key (environment_id, organization_id) references organizations (environment_id, id) on delete cascade
);

-- One membership for each user and organization; also a page of an organization's users by their age.
create unique index organization_memberships_by_member
  on organization_memberships (environment_id, organization_id, user_id);
-- A page is put together from one of each status, for one of them may be rare among many of another.
create index organization_memberships_by_user
  on organization_memberships (environment_id, user_id, status, created_at, id);
create index organization_memberships_by_organization
  on organization_memberships (environment_id, organization_id, status, created_at, id);

-- A role that somebody has cannot be deleted. The environment is referred to as well, so that
-- deleting one removes these rows before its roles are checked.
create table role_assignments (
  environment_id text not null references environments (id) on delete cascade,
  membership_id text not null,
  organization_id text not null,
  role_id text not null,
  primary key (environment_id, membership_id, role_id),
  foreign key (environment_id, membership_id)
    references organization_memberships (environment_id, id) on delete cascade,
  foreign key (environment_id, role_id) references roles (environment_id, id)
);

create index role_assignments_by_role on role_assignments (environment_id, role_id);
