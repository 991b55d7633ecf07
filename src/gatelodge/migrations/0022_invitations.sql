create table invitations (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  email text not null,
  email_normalized text not null,
  organization_id text,
  inviter_user_id text,
  accepted_user_id text,
  role_slug text,
  token bytea not null,
  token_hash bytea not null,
  open_key text,
  term bigint not null,
  locale text,
  accepted_at bigint,
  revoked_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, organization_id) references organizations (environment_id, id) on delete cascade
);

create unique index invitations_by_token on invitations (environment_id, token_hash);
create unique index invitations_open on invitations (environment_id, open_key);
create index invitations_by_age on invitations (environment_id, created_at, id);
create index invitations_by_organization on invitations (environment_id, organization_id, created_at, id);
create index invitations_by_email on invitations (environment_id, email_normalized, created_at, id);
