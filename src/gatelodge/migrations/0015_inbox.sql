-- Mails and SMS that are shown instead of sent, in development and in tests.
create table inbox_messages (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  position bigint not null,
  channel text not null,
  recipient text not null,
  template text,
  locale text,
  content bytea not null,
  created_at bigint not null,
  primary key (environment_id, id)
);

create index inbox_messages_by_position on inbox_messages (position);
