// Second factors, told by the official Node SDK.

import { createHmac } from "node:crypto";

import { wrong } from "./codes.mjs";
import { challenged, create, entered, host, major, mfa, page, received, signIn, step, users } from "./journal.mjs";

const enroll = (asked) => (major >= 9 ? mfa.createUserAuthFactor(asked) : users.enrollAuthFactor(asked));
const listFactors = (asked) => (major >= 9 ? mfa.listUserAuthFactors(asked) : users.listAuthFactors(asked));

// RFC 6238 with SHA-1, six digits and half a minute, as every authenticator app has it.
function totp(secret, { later = 0 } = {}) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + later) / 30)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

async function enrollFactors() {
  const rosa = await create("rosa@example.com");
  const read = (factor) => factor;
  const enrolled = await step("factor_enroll", () =>
    enroll({ userId: rosa.id, type: "totp", totpIssuer: "Acme", totpUser: "rosa" }),
  );
  const { secret } = enrolled.authenticationFactor.totp;
  const first = enrolled.authenticationChallenge.id;
  const check = (id, code) => mfa.verifyChallenge({ authenticationChallengeId: id, code });
  await step("factor_verify_wrong", () => check(first, wrong(totp(secret))));
  const used = totp(secret);
  await step("factor_verify", () => check(first, used));
  await step("factor_enroll_unknown", () => enroll({ userId: "user_01J00000000000000000000000", type: "totp" }));
  await step("factor_list", async () => page(await listFactors({ userId: rosa.id }), read));
  await step("factor_get", () => mfa.getFactor(enrolled.authenticationFactor.id));

  const body = await challenged("factor_required", "rosa@example.com");
  const challenge = await step("factor_challenge", () =>
    mfa.challengeFactor({ authenticationFactorId: body.authentication_factors[0].id }),
  );
  const answer = (code) =>
    users.authenticateWithTotp({
      code,
      authenticationChallengeId: challenge.id,
      pendingAuthenticationToken: body.pending_authentication_token,
    });
  await step("totp_wrong_pending", () =>
    users.authenticateWithTotp({
      code: totp(secret, { later: 30 }),
      authenticationChallengeId: challenge.id,
      pendingAuthenticationToken: "nonsense",
    }),
  );
  await step("totp_wrong", () => answer(wrong(totp(secret))));
  await step("totp_used_step", () => answer(used));
  const next = totp(secret, { later: 30 });
  await step("totp", async () => entered(await answer(next)));
  await step("totp_again", () => answer(next));
  const other = (await enroll({ userId: rosa.id, type: "totp" })).authenticationFactor;
  const list = async (more) => page(await listFactors({ userId: rosa.id, order: "asc", limit: 1, ...more }), ({ id }) => id);
  const before = await step("factors_first", () => list({}));
  const after = await step("factors_second", () => list({ after: before.after }));
  await step("factors_back", () => list({ before: after.before }));
  await mfa.deleteFactor(other.id);
  await step("factor_delete", () => mfa.deleteFactor(enrolled.authenticationFactor.id));
  await step("factor_list_of_unknown", () => listFactors({ userId: "user_01J00000000000000000000000" }));
  await step("factor_list_after", async () => page(await listFactors({ userId: rosa.id }), read));
  await step("factor_free", async () => entered(await signIn("rosa@example.com")));
}

async function demandFactor(vault) {
  host("demand_factor", { organization_id: vault.id });
  const sofia = await create("sofia@example.com");
  await users.createOrganizationMembership({ userId: sofia.id, organizationId: vault.id });
  const body = await challenged("enrollment_required", "sofia@example.com");
  const totpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  const enrolled = await step("factor_import", () => enroll({ userId: sofia.id, type: "totp", totpSecret }));
  await step("enrollment_totp", async () =>
    entered(
      await users.authenticateWithTotp({
        code: totp(totpSecret),
        authenticationChallengeId: enrolled.authenticationChallenge.id,
        pendingAuthenticationToken: body.pending_authentication_token,
      }),
    ),
  );
}

async function sendText() {
  const factor = await step("sms_enroll", () => mfa.enrollFactor({ type: "sms", phoneNumber: process.env.PHONE }));
  const challenge = await step("sms_challenge", () =>
    mfa.challengeFactor({ authenticationFactorId: factor.id, smsTemplate: "Code: {{code}}" }),
  );
  const text = await step("sms_text", () => received(process.env.PHONE, "Code: "));
  const [code] = text.match(/\d{6}/);
  await step("sms_verify", () => mfa.verifyChallenge({ authenticationChallengeId: challenge.id, code }));
}

export async function tellFactors(vault) {
  await enrollFactors();
  await demandFactor(vault);
  await sendText();
}
