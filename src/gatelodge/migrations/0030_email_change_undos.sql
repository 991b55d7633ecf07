-- What the link in the notice to an old address stands for; the change that it undoes is done.
create table email_change_undos (
  environment_id text not null,
  token_hash bytea not null,
  user_id text not null,
  old_email text not null,
  new_email text not null,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (environment_id, token_hash),
  foreign key (environment_id, user_id) references users (environment_id, id) on delete cascade
);

create unique index email_change_undos_by_token_alone on email_change_undos (token_hash);
create index email_change_undos_by_user on email_change_undos (environment_id, user_id);
create index email_change_undos_by_expiry on email_change_undos (expires_at);
