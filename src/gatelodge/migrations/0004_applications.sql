create table environments (
  id text primary key,
  name text not null unique,
  created_at bigint not null,
  updated_at bigint not null
);

create table clients (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  name text not null,
  created_at bigint not null,
  primary key (environment_id, id)
);

create unique index clients_by_id on clients (id);

create table api_keys (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  name text not null,
  token_hash bytea not null,
  hint text not null,
  created_at bigint not null,
  last_used_at bigint,
  revoked_at bigint,
  primary key (environment_id, id)
);

create unique index api_keys_by_token on api_keys (token_hash);

create table redirect_uris (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  kind text not null,
  uri text not null,
  is_default boolean not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id)
);

create unique index redirect_uris_by_uri on redirect_uris (environment_id, kind, uri);

create table cors_origins (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  origin text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id)
);

create unique index cors_origins_by_origin on cors_origins (environment_id, origin);
create index cors_origins_by_origin_alone on cors_origins (origin);
