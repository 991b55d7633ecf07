create table idempotent_answers (
  name bytea primary key,
  answer bytea not null,
  expires_at bigint not null
);

create index idempotent_answers_by_expiry on idempotent_answers (expires_at);
