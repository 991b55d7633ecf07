create table password_resets (
  environment_id text not null,
  id text not null,
  user_id text not null,
  email text not null,
  token bytea not null,
  token_hash bytea not null,
  password_version text,
  spent_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create unique index password_resets_by_token on password_resets (environment_id, token_hash);
create index password_resets_by_user on password_resets (environment_id, user_id);
create index password_resets_by_expiry on password_resets (expires_at);

-- Names the password that a user has, so that what was begun under one password ends with
-- it. A hash that is only renewed, at a sign-in, keeps its version.
alter table passwords add column version text;
