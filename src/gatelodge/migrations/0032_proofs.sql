alter table device_codes add column user_id text;

create index device_codes_by_user on device_codes (environment_id, user_id);

alter table sessions add column factor_proved boolean;
