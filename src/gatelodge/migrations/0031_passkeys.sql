create table passkeys (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  user_id text not null,
  credential_id bytea not null,
  public_key bytea not null,
  sign_count bigint not null,
  name text not null,
  last_used_at bigint,
  barred_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create unique index passkeys_by_credential on passkeys (environment_id, credential_id);
create index passkeys_by_user on passkeys (environment_id, user_id, created_at, id);

create table passkey_challenges (
  environment_id text not null references environments (id) on delete cascade,
  challenge_hash bytea not null,
  holder_hash bytea not null,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (environment_id, challenge_hash)
);

create index passkey_challenges_by_holder on passkey_challenges (environment_id, holder_hash, created_at);
create index passkey_challenges_by_expiry on passkey_challenges (expires_at);
