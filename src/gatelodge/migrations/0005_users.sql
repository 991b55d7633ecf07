create table users (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  email text not null,
  email_normalized text not null,
  email_verified boolean not null,
  first_name text,
  last_name text,
  name text,
  profile_picture_url text,
  external_id text,
  metadata jsonb not null,
  last_sign_in_at bigint,
  locale text,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id)
);

create unique index users_by_email on users (environment_id, email_normalized);
create unique index users_by_external_id on users (environment_id, external_id);
create index users_by_age on users (environment_id, created_at, id);

-- An unknown address is given the work of the hash at the next decoy_place, a keyed hash of the user's id.
create table passwords (
  environment_id text not null,
  user_id text not null,
  password_hash text not null,
  decoy_place bytea not null,
  updated_at bigint not null,
  primary key (environment_id, user_id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index passwords_by_decoy_place on passwords (environment_id, decoy_place);
