-- A sealed pair stands in a table of its own, and goes with its row half a minute later. In the row of the token,
-- where it was wiped, it had made pages on SQLite that stayed four fifths empty for as long as the session is known.
create table traded_pairs (
  environment_id text not null references environments (id) on delete cascade,
  traded_at bigint not null,
  token_hash bytea not null,
  sealed_pair bytea not null,
  -- By time first: what comes is at one end, what goes is at the other.
  primary key (traded_at, environment_id, token_hash)
);

insert into traded_pairs (environment_id, traded_at, token_hash, sealed_pair)
select environment_id, created_at, token_hash, sealed_pair from refresh_tokens where sealed_pair is not null;

drop index refresh_tokens_to_wipe;
alter table refresh_tokens drop column sealed_pair;
