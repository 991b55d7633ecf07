// Codes by mail and password resets, told by the official Node SDK.

import { challenged, create, entered, password, received, refresh, signIn, step } from "./journal.mjs";
import { users, workos } from "./journal.mjs";

export const wrong = (code) => code.slice(0, 5) + ((Number(code[5]) + 5) % 10);

async function latest(name) {
  const { data } = await workos.events.listEvents({ events: [name], limit: 100 });
  return data.at(-1).data;
}

async function verify() {
  await create("lise@example.com", { emailVerified: false });
  const body = await challenged("verification_required", "lise@example.com");
  const pendingAuthenticationToken = body.pending_authentication_token;
  const found = await step("verification_get", () => users.getEmailVerification(body.email_verification_id));
  const answer = (code) => users.authenticateWithEmailVerification({ code, pendingAuthenticationToken });
  await step("verification_get_unknown", () => users.getEmailVerification("email_verification_01J00000000000000000000000"));
  await step("verification_wrong", () => answer(wrong(found.code)));
  await step("verification_wrong_pending", () =>
    users.authenticateWithEmailVerification({ code: found.code, pendingAuthenticationToken: "nonsense" }),
  );
  await step("verification_grant", async () => entered(await answer(found.code)));
  await step("verification_again", () => answer(found.code));

  const mary = await create("mary@example.com", { emailVerified: false });
  await step("verification_send", async () => (await users.sendVerificationEmail({ userId: mary.id })).user);
  const sent = await users.getEmailVerification((await latest("email_verification.created")).id);
  const confirm = async (code) => (await users.verifyEmail({ userId: mary.id, code })).user;
  await step("verification_mail", async () => (await received("mary@example.com", sent.code)).includes(sent.code));
  await step("verify_wrong", () => confirm(wrong(sent.code)));
  await step("verify", () => confirm(sent.code));
  await step("verify_again", () => confirm(sent.code));
  await step("send_to_verified", () => users.sendVerificationEmail({ userId: mary.id }));
}

async function magic(beta) {
  const email = "Nora@example.com";
  const made = await step("magic_create", () => users.createMagicAuth({ email }));
  const found = await step("magic_get", () => users.getMagicAuth(made.id));
  await step("magic_get_unknown", () => users.getMagicAuth("magic_auth_01J00000000000000000000000"));
  await step("magic_create_malformed", () => users.createMagicAuth({ email: "no at sign" }));
  const answer = (code) => users.authenticateWithMagicAuth({ code, email: "nora@example.com" });
  await step("magic_wrong", () => answer(wrong(found.code)));
  await step("magic_other_address", () =>
    users.authenticateWithMagicAuth({ code: found.code, email: "olive@example.com" }),
  );
  await step("magic", async () => entered(await answer(found.code)));
  await step("magic_again", () => answer(found.code));

  const { token } = await users.sendInvitation({ email: "petra@example.com", organizationId: beta.id });
  const invited = { email: "petra@example.com", invitationToken: token };
  await step("magic_create_uninvited", () => users.createMagicAuth({ ...invited, invitationToken: "nonsense" }));
  const { code } = await step("magic_create_invited", () => users.createMagicAuth(invited));
  await step("magic_invited", async () => entered(await users.authenticateWithMagicAuth({ code, ...invited })));
}

async function reset() {
  const olga = await create("olga@example.com");
  const session = await signIn("olga@example.com");
  const made = await step("reset_create", () => users.createPasswordReset({ email: "OLGA@example.com" }));
  await step("reset_get", () => users.getPasswordReset(made.id));
  await step("reset_get_unknown", () => users.getPasswordReset("password_reset_01J00000000000000000000000"));
  await step("reset_create_unknown", () => users.createPasswordReset({ email: "nobody@example.com" }));
  const token = made.passwordResetToken;
  const newPassword = "another lighthouse at dawn";
  const confirm = async (text) => (await users.resetPassword({ token, newPassword: text })).user;
  await step("reset_weak", () => confirm("short"));
  await step("reset", () => confirm(newPassword));
  await step("reset_again", () => confirm(newPassword));
  await step("reset_old_password", () => signIn("olga@example.com", { password }));
  await step("reset_old_session", () => refresh(session.refreshToken));
  await step("reset_sessions", async () => (await users.listSessions(olga.id)).data.map((one) => one.status));
  await step("reset_new_password", async () => entered(await signIn("olga@example.com", { password: newPassword })));
}

export async function tellCodes({ beta }) {
  await verify();
  await magic(beta);
  await reset();
}
