create table clock_offsets (
  id integer primary key,
  milliseconds bigint not null
);
