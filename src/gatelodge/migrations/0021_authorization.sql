create table authorization_codes (
  environment_id text not null,
  code_hash bytea not null,
  client_id text not null,
  user_id text not null,
  state jsonb not null,
  code_challenge text,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (environment_id, code_hash),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index authorization_codes_by_expiry on authorization_codes (expires_at);
create index authorization_codes_by_user on authorization_codes (environment_id, user_id);

create table device_codes (
  environment_id text not null references environments (id) on delete cascade,
  code_hash bytea not null,
  user_code_hash bytea not null,
  client_id text not null,
  answer text not null,
  state jsonb,
  polled_at bigint,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (environment_id, code_hash)
);

create unique index device_codes_by_user_code on device_codes (environment_id, user_code_hash);
create index device_codes_by_expiry on device_codes (expires_at);
