alter table environments add column policy jsonb not null default '{}';
