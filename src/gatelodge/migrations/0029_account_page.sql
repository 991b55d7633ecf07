create unique index browser_sessions_by_token_alone on browser_sessions (token_hash);

create table recovery_codes (
  environment_id text not null,
  code_hash bytea not null,
  user_id text not null,
  spent_at bigint,
  created_at bigint not null,
  primary key (environment_id, code_hash),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index recovery_codes_by_user on recovery_codes (environment_id, user_id);
