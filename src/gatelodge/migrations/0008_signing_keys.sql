create table signing_keys (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  private_key bytea not null,
  certificate bytea not null,
  signs_from bigint not null,
  published_until bigint,
  created_at bigint not null,
  primary key (environment_id, id)
);
