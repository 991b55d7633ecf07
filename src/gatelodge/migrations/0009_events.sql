create table events (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  position bigint,
  name text not null,
  organization_id text,
  payload jsonb not null,
  context jsonb,
  created_at bigint not null,
  primary key (environment_id, id)
);

create index events_by_position on events (environment_id, position);
create index events_by_name on events (environment_id, name, position) where position is not null;
create index events_by_organization
  on events (environment_id, organization_id, position) where position is not null and organization_id is not null;
create index events_unplaced on events (environment_id, created_at, id) where position is null;
create index events_by_age on events (created_at);

create table event_positions (
  environment_id text primary key references environments (id) on delete cascade,
  last_position bigint not null
);
