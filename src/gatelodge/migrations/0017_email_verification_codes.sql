-- A code gets a keyed hash to be compared by, and at most one of a user's is current. Codes
-- live for ten minutes, so those on their way are dropped rather than carried over.
drop table email_verifications;

create table email_verifications (
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

create unique index email_verifications_current on email_verifications (environment_id, user_id) where is_current;
create index email_verifications_by_user on email_verifications (environment_id, user_id);
create index email_verifications_by_expiry on email_verifications (expires_at);
