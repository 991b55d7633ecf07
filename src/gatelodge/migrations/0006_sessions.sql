create table sessions (
  environment_id text not null,
  id text not null,
  user_id text not null,
  client_id text not null,
  organization_id text,
  authentication_method text,
  auth_method text not null,
  ip_address text,
  user_agent text,
  impersonator jsonb,
  authenticated_at bigint not null,
  refreshed_at bigint not null,
  expires_at bigint not null,
  ended_at bigint,
  revoked boolean not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index sessions_by_user on sessions (environment_id, user_id, created_at, id);
create index sessions_by_expiry on sessions (expires_at);

create table refresh_tokens (
  environment_id text not null,
  token_hash bytea not null,
  session_id text not null,
  created_at bigint not null,
  retired_at bigint,
  successor bytea,
  primary key (environment_id, token_hash),
  foreign key (environment_id, session_id) references sessions (environment_id, id) on delete cascade
);

create index refresh_tokens_by_session on refresh_tokens (environment_id, session_id);
create index refresh_tokens_by_retirement on refresh_tokens (retired_at);
