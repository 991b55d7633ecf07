-- The accounts at social providers that a user signs in by; `subject` is the provider's name for it.
create table identities (
  environment_id text not null,
  id text not null,
  user_id text not null,
  provider text not null,
  subject text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create unique index identities_by_subject on identities (environment_id, provider, subject);
create index identities_by_user on identities (environment_id, user_id, created_at, id);
