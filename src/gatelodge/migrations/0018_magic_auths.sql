create table magic_auths (
  environment_id text not null,
  id text not null,
  user_id text not null,
  email text not null,
  code bytea not null,
  code_hash bytea not null,
  is_current boolean not null,
  attempts integer not null,
  spent_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create unique index magic_auths_current on magic_auths (environment_id, user_id) where is_current;
create index magic_auths_by_user on magic_auths (environment_id, user_id);
create index magic_auths_by_expiry on magic_auths (expires_at);
