-- A session names its live refresh token, and a token the one that it replaces: a refresh then is one
-- change of the session, which decides among racers, and one new row. The retired row stays as it is.
alter table sessions add column live_token bytea;
update sessions set live_token =
  (select t.token_hash from refresh_tokens t
    where t.environment_id = sessions.environment_id and t.session_id = sessions.id and t.retired_at is null
    order by t.created_at desc limit 1)
 where ended_at is null;
-- One without a live token is over. From now on none named means that there is only one: servers of the
-- version before may still begin sessions.
update sessions set ended_at = updated_at where live_token is null and ended_at is null;

alter table refresh_tokens add column replaces bytea;
alter table refresh_tokens add column sealed_pair bytea;
-- Of the tokens traded in the last half a minute the pair stands beside the retired one.
update refresh_tokens set
  replaces = (select o.token_hash from refresh_tokens o
               where o.environment_id = refresh_tokens.environment_id and o.session_id = refresh_tokens.session_id
                 and o.retired_at = refresh_tokens.created_at and o.successor is not null
                 and o.token_hash <> refresh_tokens.token_hash
               order by o.created_at desc limit 1),
  sealed_pair = (select o.successor from refresh_tokens o
               where o.environment_id = refresh_tokens.environment_id and o.session_id = refresh_tokens.session_id
                 and o.retired_at = refresh_tokens.created_at and o.successor is not null
                 and o.token_hash <> refresh_tokens.token_hash
               order by o.created_at desc limit 1)
 where created_at >= (select min(retired_at) from refresh_tokens where successor is not null);

drop index refresh_tokens_to_wipe;
alter table refresh_tokens drop column retired_at;
alter table refresh_tokens drop column successor;
-- Only the pairs of the last half a minute are kept: what looks through all of them, to wipe, finds few.
create index refresh_tokens_by_replaced on refresh_tokens (environment_id, replaces) where sealed_pair is not null;
