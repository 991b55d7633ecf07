-- Whoever presents a retired token names its session, and the pair it was traded for is at most half a minute old:
-- the session's index finds it among few. An entry by the hash of the retired token was two changes of a page
-- anywhere in an index, one at the refresh and one when the pair was wiped; one by time changes the newest page.
drop index refresh_tokens_by_replaced;
drop index refresh_tokens_by_session;
create index refresh_tokens_by_session on refresh_tokens (environment_id, session_id, created_at);
create index refresh_tokens_to_wipe on refresh_tokens (created_at) where sealed_pair is not null;
