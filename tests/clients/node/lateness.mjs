// What is used too late, told by the official Node SDK last of all: the clock moves for every journey at once.

import { create, host, password, refresh, signIn, step, told, users } from "./journal.mjs";

export async function tellLateness() {
  await create("tilly@example.com");
  const session = await signIn("tilly@example.com");
  const next = await refresh(session.refreshToken);
  const { code } = await users.createMagicAuth({ email: "nora@example.com" });
  const { token } = await users.sendInvitation({ email: "late@example.com", expiresInDays: 1 });
  const { passwordResetToken } = await users.createPasswordReset({ email: "olga@example.com" });

  host("advance", { seconds: 31 });
  await step("replay_too_late", async () => ({
    late: await refresh(session.refreshToken).then(() => "accepted", told),
    successor: await refresh(next.refreshToken).then(() => "accepted", told),
  }));

  host("advance", { seconds: 86_370 });
  await step("magic_expired", () => users.authenticateWithMagicAuth({ code, email: "nora@example.com" }));
  await step("invite_expired", () => users.findInvitationByToken(token));
  await step("reset_expired", () => users.resetPassword({ token: passwordResetToken, newPassword: password }));
}
