-- What ended long ago is swept: without these, each sweep looked through every session. A refresh changes none of
-- them, since a session that is refreshed has not ended.
create index sessions_by_end on sessions (ended_at) where ended_at is not null;
