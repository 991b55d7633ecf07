-- The keys that seal secrets at rest, each sealed itself by the operator's master key.
create table data_keys (
    id integer primary key,
    sealed bytea not null,
    created_at bigint not null
);
