-- `name_folded` is the name in the form that a search compares.
create table organizations (
  environment_id text not null references environments (id) on delete cascade,
  id text not null,
  name text not null,
  name_folded text not null,
  external_id text,
  metadata jsonb not null,
  stripe_customer_id text,
  allow_profiles_outside_organization boolean not null,
  policy jsonb not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id)
);

create unique index organizations_by_external_id on organizations (environment_id, external_id);
create unique index organizations_by_stripe_customer on organizations (environment_id, stripe_customer_id);
create index organizations_by_age on organizations (environment_id, created_at, id);

create table organization_domains (
  environment_id text not null,
  id text not null,
  organization_id text not null,
  domain text not null,
  state text not null,
  verification_strategy text not null,
  verification_prefix text,
  verification_token text,
  sought_since bigint not null,
  looked integer not null,
  next_look_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (environment_id, id),
  foreign key (environment_id, organization_id) references organizations (environment_id, id) on delete cascade
);

create unique index organization_domains_by_organization
  on organization_domains (environment_id, organization_id, domain);
create index organization_domains_by_domain on organization_domains (environment_id, domain, organization_id);
-- One organization at most holds a domain as proved: by it people are let in.
create unique index organization_domains_verified
  on organization_domains (environment_id, domain) where state = 'verified';
create index organization_domains_due on organization_domains (next_look_at) where next_look_at is not null;

create index sessions_by_organization
  on sessions (environment_id, organization_id) where ended_at is null and organization_id is not null;
