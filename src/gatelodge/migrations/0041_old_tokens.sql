-- Tokens go once no session can be as old as they are, in the order of their age.
create index refresh_tokens_by_age on refresh_tokens (created_at);
