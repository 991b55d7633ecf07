create table pending_authentications (
  environment_id text not null,
  token_hash bytea not null,
  user_id text not null,
  state jsonb not null,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (environment_id, token_hash),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index pending_authentications_by_expiry on pending_authentications (expires_at);
create index pending_authentications_by_user on pending_authentications (environment_id, user_id);

create table email_verifications (
  environment_id text not null,
  id text not null,
  user_id text not null,
  email text not null,
  code bytea not null,
  attempts integer not null,
  spent_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index email_verifications_by_user
  on email_verifications (environment_id, user_id, created_at);
create index email_verifications_by_expiry on email_verifications (expires_at);
