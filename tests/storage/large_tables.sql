create table numbers (i bigint primary key);

insert into numbers (i)
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 12000) select i from n;

insert into environments (id, name, created_at, updated_at) values ('e', 'e', 0, 0);

insert into users (environment_id, id, email, email_normalized, email_verified, metadata, created_at, updated_at)
  select 'e', 'user_' || i, i || '@x', i || '@x', true, '{}', i, i from numbers;

insert into passwords (environment_id, user_id, password_hash, decoy_place, updated_at)
  select 'e', 'user_' || i, 'h', cast('p' || ((i * 7919) % 1000003) as bytea), i from numbers;

insert into organizations (environment_id, id, name, name_folded, metadata, allow_profiles_outside_organization,
                           policy, created_at, updated_at)
  select 'e', 'org_' || i, 'x', 'x', '{}', false, '{}', i, i from numbers;

insert into organization_domains (environment_id, id, organization_id, domain, state, verification_strategy,
                                  sought_since, looked, created_at, updated_at)
  select 'e', 'd_' || i, 'org_' || i, 'd' || (i % 10000) || '.example', 'pending', 'dns', 0, 0, i, i from numbers;

insert into organization_memberships (environment_id, id, user_id, organization_id, status, directory_managed,
                                      custom_attributes, created_at, updated_at)
  select 'e', 'o_' || i, 'user_' || i, 'org_1',
         case when i % 5000 = 7 then 'inactive' when i % 5000 = 8 then 'pending' else 'active' end,
         false, '{}', i, i
    from numbers;

insert into organization_memberships (environment_id, id, user_id, organization_id, status, directory_managed,
                                      custom_attributes, created_at, updated_at)
  select 'e', 'u_' || i, 'user_1', 'org_' || i,
         case when i % 5000 = 7 then 'inactive' when i % 5000 = 8 then 'pending' else 'active' end,
         false, '{}', i, i
    from numbers where i > 1;

insert into invitations (environment_id, id, email, email_normalized, organization_id, token, token_hash, term,
                         expires_at, created_at, updated_at)
  select 'e', 'i_' || i, 'x', (i % 2000) || '@x', 'org_' || (i % 3 + 1), cast('t' || i as bytea),
         cast('t' || i as bytea), 1, i, i, i
    from numbers;

insert into factors (environment_id, id, user_id, type, created_at, updated_at)
  select 'e', 'f_' || i, 'user_' || (i % 3), 'totp', i, i from numbers where i % 3 > 0;

insert into identities (environment_id, id, user_id, provider, subject, created_at, updated_at)
  select 'e', 'p_' || i, 'user_' || i, 'GoogleOAuth', 's' || i, i, i from numbers;

insert into permissions (environment_id, id, slug, name, resource_type_slug, created_at, updated_at)
  select 'e', 'perm_' || i, 's' || i, 'x', 'x', i, i from numbers;

insert into sessions (environment_id, id, user_id, client_id, auth_method, authenticated_at, refreshed_at,
                      expires_at, revoked, created_at, updated_at)
  select 'e', 's_' || i, 'user_' || (i % 3), 'c', 'password', i, i, 1000000, false, i, i from numbers where i % 3 > 0;

insert into events (environment_id, id, position, name, organization_id, payload, created_at)
  select 'e', 'ev_' || i, i, case when i % 5000 = 7 then 'rare' else 'common' end,
         case when i % 5000 = 9 then 'org_2' else 'org_1' end, '{}', i
    from numbers;
