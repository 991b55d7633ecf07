-- Two questions are about the sessions of all environments, and looked through every one of them: the sweep asks what
-- ended long ago, and a logout link, which anybody may call, names only the session. A refresh changes neither index.
create index sessions_by_end on sessions (ended_at) where ended_at is not null;
create index sessions_by_id on sessions (id);
