// Organizations, roles and memberships, told by the official Node SDK.

import { challenged, create, entered, page, refresh, signIn, step, users, workos } from "./journal.mjs";

const { COOKIE_PASSWORD } = process.env;
const { organizations, authorization } = workos;

async function organize() {
  const vault = await organizations.createOrganization({ name: "Vault" });
  const acme = await step("org_create", () =>
    organizations.createOrganization({
      name: "Acme",
      domainData: [{ domain: "acme.example", state: "verified" }],
      externalId: "crm-acme",
      metadata: { plan: "gold", region: "us" },
    }),
  );
  const beta = await organizations.createOrganization({ name: "Beta" });
  const gamma = await organizations.createOrganization({ name: "Gamma" });
  await step("org_get", () => organizations.getOrganization(acme.id));
  await step("org_get_by_external_id", () => organizations.getOrganizationByExternalId("crm-acme"));
  await step("org_create_with_taken_external_id", () =>
    organizations.createOrganization({ name: "Other", externalId: "crm-acme" }),
  );
  const read = (organization) => organization.name;
  const first = await organizations.listOrganizations({ limit: 2, order: "asc" });
  await step("org_list_first", () => page(first, read));
  const second = await organizations.listOrganizations({ limit: 2, order: "asc", after: first.listMetadata.after });
  await step("org_list_second", () => page(second, read));
  await step("org_list_back", async () => {
    const before = second.listMetadata.before;
    return page(await organizations.listOrganizations({ limit: 2, order: "asc", before }), read);
  });
  await step("org_list_by_domain", async () =>
    page(await organizations.listOrganizations({ domains: ["acme.example"] }), read),
  );
  await step("org_update", () =>
    organizations.updateOrganization({
      organization: acme.id,
      name: "Acme Works",
      metadata: { region: null, stage: "live" },
    }),
  );
  await step("org_delete", () => organizations.deleteOrganization(gamma.id));
  await step("org_get_deleted", () => organizations.getOrganization(gamma.id));
  return { acme, beta, vault };
}

async function giveRoles() {
  await step("permission_create", () => authorization.createPermission({ slug: "reports:read", name: "Read reports" }));
  await step("role_create", () => authorization.createEnvironmentRole({ slug: "editor", name: "Editor" }));
  await step("role_set_permissions", () =>
    authorization.setEnvironmentRolePermissions("editor", { permissions: ["reports:read"] }),
  );
}

async function join(acme, grace) {
  const asked = { userId: grace.id, organizationId: acme.id };
  const membership = await step("member_create", () => users.createOrganizationMembership(asked));
  await step("member_create_again", () => users.createOrganizationMembership(asked));
  await step("member_create_unknown_user", () =>
    users.createOrganizationMembership({ ...asked, userId: "user_01J00000000000000000000000" }),
  );
  await step("member_create_unknown_organization", () =>
    users.createOrganizationMembership({ ...asked, organizationId: "org_01J00000000000000000000000" }),
  );
  await step("member_get", () => users.getOrganizationMembership(membership.id));
  const session = await signIn("grace@example.com");
  await step("member_signs_in", () => entered(session));
  await step("member_update", () => users.updateOrganizationMembership(membership.id, { roleSlug: "editor" }));
  const promoted = await refresh(session.refreshToken);
  await step("member_refreshes_promoted", () => entered(promoted));
  await step("member_update_several", () =>
    users.updateOrganizationMembership(membership.id, { roleSlugs: ["member", "editor"] }),
  );
  await step("member_update_unknown_role", () =>
    users.updateOrganizationMembership(membership.id, { roleSlug: "nothing" }),
  );
  await step("member_cookie", async () => {
    const sealed = await signIn("grace@example.com", {
      session: { sealSession: true, cookiePassword: COOKIE_PASSWORD },
    });
    return users.authenticateWithSessionCookie({ sessionData: sealed.sealedSession, cookiePassword: COOKIE_PASSWORD });
  });
  await step("member_sessions", async () => (await users.listSessions(grace.id)).data);
  return { membership, session: promoted };
}

async function deactivate(acme, grace) {
  const hedy = await create("hedy@example.com");
  const membership = await users.createOrganizationMembership({
    userId: hedy.id,
    organizationId: acme.id,
    roleSlug: "editor",
  });
  const inside = await signIn("hedy@example.com");
  await step("deactivate", () => users.deactivateOrganizationMembership(membership.id));
  await step("deactivate_again", () => users.deactivateOrganizationMembership(membership.id));
  await step("deactivated_refreshes", () => refresh(inside.refreshToken));
  const outside = await signIn("hedy@example.com");
  await step("deactivated_signs_in", () => entered(outside));
  await step("deactivated_enters", () => refresh(outside.refreshToken, { organizationId: acme.id }));

  const read = ({ userId, status }) => ({ who: userId === grace.id ? "grace" : "hedy", status });
  const list = async (more) => page(await users.listOrganizationMemberships({ order: "asc", ...more }), read);
  const organizationId = acme.id;
  await step("members_list", () => list({ organizationId }));
  await step("members_list_both", () => list({ organizationId, statuses: ["active", "inactive"] }));
  await step("members_list_inactive", () => list({ organizationId, statuses: ["inactive"] }));
  await step("members_list_pending", () => list({ organizationId, statuses: ["pending"] }));
  await step("members_list_by_user", () => list({ userId: grace.id }));
  await step("members_list_of_nobody", () => list({}));
  const both = { organizationId, statuses: ["active", "inactive"], limit: 1 };
  const first = await step("members_list_first", () => list(both));
  const second = await step("members_list_second", () => list({ ...both, after: first?.after }));
  await step("members_list_back", () => list({ ...both, before: second?.before }));
  await step("list_of_organization", async () => page(await users.listUsers({ organizationId }), ({ email }) => email));

  await step("reactivate", () => users.reactivateOrganizationMembership(membership.id));
  await step("reactivate_again", () => users.reactivateOrganizationMembership(membership.id));
  await step("reactivated_signs_in", async () => entered(await signIn("hedy@example.com")));
  return hedy;
}

async function select(acme, beta, { grace, membership }) {
  await users.createOrganizationMembership({ userId: grace.id, organizationId: beta.id });
  const body = await challenged("selection_required", "grace@example.com");
  const pendingAuthenticationToken = body.pending_authentication_token;
  const choose = (organizationId) =>
    users.authenticateWithOrganizationSelection({ organizationId, pendingAuthenticationToken });
  await step("select_wrong_pending", () =>
    users.authenticateWithOrganizationSelection({ organizationId: beta.id, pendingAuthenticationToken: "nonsense" }),
  );
  await step("select_unknown", () => choose("org_01J00000000000000000000000"));
  const session = await choose(beta.id);
  await step("select", () => entered(session));
  await step("select_again", () => choose(beta.id));
  const switched = await refresh(session.refreshToken, { organizationId: acme.id });
  await step("switch", () => entered(switched));

  await step("member_delete", () => users.deleteOrganizationMembership(membership.id));
  await step("member_get_deleted", () => users.getOrganizationMembership(membership.id));
  await step("member_delete_again", () => users.deleteOrganizationMembership(membership.id));
  await step("removed_refreshes", () => refresh(switched.refreshToken));
  await step("removed_signs_in", async () => entered(await signIn("grace@example.com")));
}

export async function tellMembers() {
  const { acme, beta, vault } = await organize();
  await giveRoles();
  const grace = await create("grace@example.com");
  const { membership } = await join(acme, grace);
  const hedy = await deactivate(acme, grace);
  await select(acme, beta, { grace, membership });
  return { acme, beta, vault, grace, hedy };
}
