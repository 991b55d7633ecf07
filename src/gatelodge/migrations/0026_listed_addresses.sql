create index redirect_uris_by_age on redirect_uris (environment_id, kind, created_at, id);
create index cors_origins_by_age on cors_origins (environment_id, created_at, id);
