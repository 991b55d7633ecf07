create unique index password_resets_by_token_alone on password_resets (token_hash);
create unique index invitations_by_token_alone on invitations (token_hash);
create index device_codes_by_user_code_alone on device_codes (user_code_hash);
