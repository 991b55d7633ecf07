// Invitations, told by the official Node SDK.

import { create, entered, page, signIn, step, users } from "./journal.mjs";

export async function tellInvitations({ acme, beta, grace, hedy }) {
  const asked = {
    email: "Joan@example.com",
    organizationId: acme.id,
    roleSlug: "editor",
    expiresInDays: 3,
    inviterUserId: grace.id,
  };
  const joan = await step("invite", () => users.sendInvitation(asked));
  await step("invite_again", () => users.sendInvitation(asked));
  await step("invite_too_long", () => users.sendInvitation({ email: "long@example.com", expiresInDays: 31 }));
  await step("invite_get", () => users.getInvitation(joan.id));
  await step("invite_get_unknown", () => users.getInvitation("invitation_01J00000000000000000000000"));
  await step("invite_by_token", () => users.findInvitationByToken(joan.token));
  await step("invite_by_unknown_token", () => users.findInvitationByToken("nothing"));
  await step("invite_resend", () => users.resendInvitation(joan.id));

  const kate = await users.sendInvitation({ email: "kate@example.com" });
  await users.sendInvitation({ email: "lena@example.com" });
  const read = (invitation) => invitation.email.toLowerCase();
  const list = async (more) => page(await users.listInvitations({ order: "asc", ...more }), read);
  await step("invites_by_organization", () => list({ organizationId: acme.id }));
  await step("invites_by_email", () => list({ email: "JOAN@example.COM" }));
  const first = await step("invites_first", () => list({ limit: 2 }));
  const second = await step("invites_second", () => list({ limit: 2, after: first?.after }));
  await step("invites_back", () => list({ limit: 2, before: second?.before }));
  await step("invites_with_foreign_cursor", () => users.listInvitations({ after: "invitation_none" }));
  await step("revoke_invite", () => users.revokeInvitation(kate.id));
  await step("revoke_invite_again", () => users.revokeInvitation(kate.id));
  await step("resend_revoked", () => users.resendInvitation(kate.id));

  const offered = await users.sendInvitation({ email: "hedy@example.com", organizationId: beta.id });
  const statuses = ["pending"];
  const mirrored = (await users.listOrganizationMemberships({ userId: hedy.id, statuses })).data[0];
  await step("pending_member", () => mirrored);
  await step("deactivate_pending", () => users.deactivateOrganizationMembership(mirrored.id));
  await step("reactivate_pending", () => users.reactivateOrganizationMembership(mirrored.id));
  await step("accept", () => users.acceptInvitation(offered.id));
  await step("accept_again", () => users.acceptInvitation(offered.id));
  await step("accepted_member", () => users.getOrganizationMembership(mirrored.id));

  await create("joan@example.com");
  const invitationToken = joan.token;
  await step("invited_wrong_password", () => signIn("joan@example.com", { invitationToken, password: "not this one" }));
  await step("invite_still_pending", () => users.getInvitation(joan.id));
  await step("invited_signs_in", async () => entered(await signIn("joan@example.com", { invitationToken })));
  await step("invite_accepted", () => users.getInvitation(joan.id));
  await step("invite_used_again", () => signIn("joan@example.com", { invitationToken }));
}

