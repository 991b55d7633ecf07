create table email_changes (
  environment_id text not null,
  user_id text not null,
  id text not null,
  old_email text not null,
  new_email text not null,
  code_hash bytea not null,
  password_version text,
  attempts integer not null,
  spent_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (environment_id, user_id),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create index email_changes_by_expiry on email_changes (expires_at);
