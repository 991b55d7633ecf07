-- Which attempt a bucket let through last: a charge of a second bucket in the same transaction depends on it,
-- so that the two need not wait for each other's answer.
alter table throttles add column attempt bigint;
