alter table sessions add column refresh_tat bigint not null default 0;
