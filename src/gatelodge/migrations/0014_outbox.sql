-- Mails and SMS on their way. `due_at` is when a sender may take the row: its turn while it
-- waits, the end of the lease while somebody sends it, null when it is sent or dead.
-- `content` holds codes and links: sealed, and wiped on delivery.
create table outbox (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  channel text not null,
  recipient text not null,
  template text,
  locale text,
  content bytea,
  state text not null,
  attempts integer not null,
  due_at bigint,
  last_error text,
  created_at bigint not null,
  sent_at bigint,
  primary key (environment_id, id)
);

create index outbox_by_turn on outbox (channel, due_at) where due_at is not null;
create index outbox_by_age on outbox (state, created_at, id);
