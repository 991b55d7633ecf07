-- Only tokens that still hold a successor are looked for by their retirement. A token that is stored, and
-- one that was wiped long ago, need no entry: the sweep looks through those of the last half a minute.
drop index refresh_tokens_by_retirement;
create index refresh_tokens_to_wipe on refresh_tokens (retired_at) where successor is not null;
