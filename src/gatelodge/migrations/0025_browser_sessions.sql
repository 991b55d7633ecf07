create table authorization_requests (
  environment_id text not null references environments (id) on delete cascade,
  token_hash bytea not null,
  client_id text not null,
  asked bytea not null,
  flow bytea not null,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (environment_id, token_hash)
);

create unique index authorization_requests_by_token on authorization_requests (token_hash);
create index authorization_requests_by_expiry on authorization_requests (expires_at);

create table browser_sessions (
  environment_id text not null,
  id text not null,
  token_hash bytea not null,
  user_id text not null,
  state jsonb not null,
  authenticated_at bigint not null,
  used_at bigint not null,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create unique index browser_sessions_by_token on browser_sessions (environment_id, token_hash);
create index browser_sessions_by_user on browser_sessions (environment_id, user_id);
create index browser_sessions_by_expiry on browser_sessions (expires_at);

alter table sessions add column browser_session_id text;
