-- What attempts have cost: `tat` is the instant, in milliseconds, at which a bucket is
-- paid off. A bucket's name is a keyed hash; a row that is paid off is swept.
create table throttles (
    bucket text primary key,
    tat bigint not null
);

create index throttles_by_tat on throttles (tat);
