create table factors (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  user_id text,
  type text not null,
  phone_number text,
  totp_issuer text,
  totp_user text,
  secret bytea,
  last_step bigint,
  verified_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index factors_by_user on factors (environment_id, user_id, created_at, id);

create table challenges (
  environment_id text not null,
  id text not null,
  factor_id text not null,
  code_hash bytea,
  attempts integer not null,
  verified_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, factor_id) references factors (environment_id, id) on delete cascade
);

create index challenges_by_factor on challenges (environment_id, factor_id);
create index challenges_by_expiry on challenges (expires_at);
