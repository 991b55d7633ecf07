// The life of a user: created, found, listed, changed, signed in, refreshed, signed out, deleted.

import { allEvents, connect, create, entered, jose, major, page, password, refresh } from "./journal.mjs";
import { signIn, step, told, users } from "./journal.mjs";

const { CLIENT_ID, COOKIE_PASSWORD } = process.env;
const externalId = "crm/47 11?x=%41&y#z:*~";
// Up to 10.9 the SDK puts an external id into the path as it is, so its caller escapes it.
const escaped = major >= 11 ? externalId : encodeURIComponent(externalId);
const unknown = "01J00000000000000000000000";

async function createUsers() {
  const ada = await step("create", () =>
    create("Ada@Example.com", {
      firstName: "Ada",
      lastName: "Lovelace",
      externalId,
      metadata: { tier: "gold", region: "eu" },
    }),
  );
  await step("create_with_taken_email", () => create("ADA@example.COM"));
  await step("create_with_weak_password", () => create("weak@example.com", { password: "short" }));
  await step("create_with_malformed_email", () => users.createUser({ email: "no at sign" }));
  await step("get", () => users.getUser(ada.id));
  await step("get_unknown", () => users.getUser(`user_${unknown}`));
  await step("get_by_external_id", () => users.getUserByExternalId(escaped));
  await step("get_by_unknown_external_id", () => users.getUserByExternalId("nobody"));
  return ada;
}

async function listUsers() {
  for (let number = 1; number <= 12; number++) {
    await users.createUser({ email: `user${String(number).padStart(2, "0")}@example.org` });
  }
  const list = async (more) => page(await users.listUsers(more), (user) => user.email.toLowerCase());
  await step("list_by_email", () => list({ email: "ADA@EXAMPLE.com" }));
  await step("list_of_unknown_organization", () => list({ organizationId: `org_${unknown}` }));
  const first = await step("list_first_page", () => list({ limit: 5, order: "asc" }));
  const second = await step("list_second_page", () => list({ limit: 5, order: "asc", after: first.after }));
  await step("list_back", () => list({ limit: 5, order: "asc", before: second.before }));
  await step("list_newest_first", () => list({ limit: 2 }));
  await step("list_all_automatically", async () =>
    (await (await users.listUsers()).autoPagination()).map((user) => user.email),
  );
  await step("list_with_foreign_cursor", () => users.listUsers({ after: "user_none" }));
}

async function updateUsers(userId) {
  const metadata = { region: null, plan: "team" };
  await step("update", () => users.updateUser({ userId, firstName: "Augusta", locale: "en-GB", metadata }));
  await step("update_clears_metadata", () => users.updateUser({ userId, metadata: null }));
  await step("update_clears_external_id", () => users.updateUser({ userId, externalId: null }));
  await step("update_with_taken_email", () => users.updateUser({ userId, email: "USER01@example.org" }));
}

// Passwords that another system hashed, and one that is changed.
async function bringPasswords() {
  const { BCRYPT_HASH: passwordHash } = process.env;
  const brought = { email: "grete@example.com", emailVerified: true, passwordHash, passwordHashType: "bcrypt" };
  const grete = await step("create_with_hash", () => users.createUser(brought));
  await step("create_with_broken_hash", () =>
    users.createUser({ ...brought, email: "broken@example.com", passwordHash: "$2b$12$broken" }),
  );
  await step("hash_signs_in", async () => entered(await signIn("grete@example.com")));
  const changed = "another lighthouse at noon";
  await step("update_password", () => users.updateUser({ userId: grete.id, password: changed }));
  await step("replaced_password", () => signIn("grete@example.com"));
  await step("new_password", async () => entered(await signIn("grete@example.com", { password: changed })));
}

const enter = (more = {}) => signIn("ada@example.com", { ipAddress: "203.0.113.7", userAgent: "journey", ...more });

async function signInUsers(ada) {
  await step("wrong_password", () => enter({ password: "another quiet lighthouse" }));
  await step("unknown_user", () => enter({ email: "nobody@example.com" }));
  await create("unverified@example.com", { emailVerified: false });
  await step("unverified_email", () => enter({ email: "unverified@example.com" }));
  await step("wrong_api_key", () => connect("sk_test_wrong").getUser(ada.id));

  const signedIn = await step("sign_in", () => enter());
  await step("jwks_url", () => users.getJwksUrl(CLIENT_ID));
  await step("access_token", async () => {
    const keys = jose.createRemoteJWKSet(new URL(users.getJwksUrl(CLIENT_ID)));
    const { payload, protectedHeader } = await jose.jwtVerify(signedIn.accessToken, keys);
    return { payload, protectedHeader };
  });
  return signedIn;
}

const flipped = (text, place) => text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);

async function sealSessions() {
  const sealed = await step("sign_in_and_seal", () =>
    enter({ session: { sealSession: true, cookiePassword: COOKIE_PASSWORD } }),
  );
  const first = sealed.sealedSession;
  const cookie = (sessionData, cookiePassword = COOKIE_PASSWORD) =>
    users.loadSealedSession({ sessionData, cookiePassword });
  const open = (sessionData, cookiePassword = COOKIE_PASSWORD) =>
    users.authenticateWithSessionCookie({ sessionData, cookiePassword });
  await step("session_authenticates", () => cookie(first).authenticate());
  await step("session_cookie", () => open(first));
  const { sealedSession } = await step("session_refreshes", () => cookie(first).refresh());
  await step("refreshed_session_authenticates", () => cookie(sealedSession).authenticate());
  await step("session_logout_url", () => cookie(sealedSession).getLogoutUrl());
  await step("tampered_session", () => cookie(flipped(first, 200)).authenticate());
  await step("tampered_session_cookie", () => open(flipped(first, 200)));
  await step("empty_session_cookie", () => open(""));
  const other = Buffer.from("fedcba9876543210".repeat(2)).toString("base64");
  await step("session_with_wrong_password", () => cookie(first, other).authenticate());
  await step("session_without_password", () => cookie(first, "").authenticate());
  return cookie(sealedSession);
}

const pair = ({ accessToken, refreshToken }) => ({ accessToken, refreshToken });

async function refreshSessions({ refreshToken }) {
  const rotated = await step("refresh", () => refresh(refreshToken));
  await step("replay_at_once", async () => pair(await refresh(refreshToken)));
  await step("replays_in_parallel", async () =>
    (await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)))).map(pair),
  );
  await step("refresh_with_nonsense", () => refresh("nonsense"));
  return rotated;
}

async function listSessions(userId) {
  await step("list_sessions", async () => (await users.listSessions(userId)).data);
  const list = async (more) => page(await users.listSessions(userId, { limit: 1, ...more }), ({ id }) => id);
  const first = await step("sessions_first", () => list({ order: "asc" }));
  const second = await step("sessions_second", () => list({ order: "asc", after: first.after }));
  await step("sessions_back", () => list({ order: "asc", before: second.before }));
  await step("sessions_of_unknown_user", () => users.listSessions(`user_${unknown}`));
}

// Signs out through the address that a browser is sent to.
async function signOut(address, leave) {
  const answer = await fetch(address, { redirect: "manual" });
  return { status: answer.status, location: answer.headers.get("location"), ...(await leave()) };
}

async function endSessions(ada, rotated, cookie) {
  const sessionId = jose.decodeJwt(rotated.accessToken).sid;
  await step("logout_url", () => users.getLogoutUrl({ sessionId }));
  await step("revoke", () => users.revokeSession({ sessionId }));
  await step("revoke_again", () => users.revokeSession({ sessionId }));
  await step("revoke_unknown", () => users.revokeSession({ sessionId: `session_${unknown}` }));
  await step("refresh_after_revoke", () => refresh(rotated.refreshToken));
  await step("sealed_refresh_after_logout", async () =>
    signOut(await cookie.getLogoutUrl(), async () => {
      const { authenticated, reason } = await cookie.refresh();
      return { authenticated, reason };
    }),
  );
  await step("list_sessions_after", async () => (await users.listSessions(ada.id)).data.map((session) => session.id));
  await step("sign_out_and_return", async () => {
    const session = await enter();
    const { sid } = jose.decodeJwt(session.accessToken);
    const address = users.getLogoutUrl({ sessionId: sid, returnTo: process.env.SIGN_OUT_URI });
    const outcome = async () => ({ refresh: await refresh(session.refreshToken).then(() => "accepted", told) });
    return { address, ...(await signOut(address, outcome)) };
  });
}

async function deleteUser({ id }) {
  const last = await enter();
  await step("delete", () => users.deleteUser(id));
  await step("get_deleted", () => users.getUser(id));
  await step("refresh_of_deleted", () => refresh(last.refreshToken));
  await step("delete_again", () => users.deleteUser(id));
}

export async function tellUsers() {
  const ada = await createUsers();
  await listUsers();
  await updateUsers(ada.id);
  await bringPasswords();
  const signedIn = await signInUsers(ada);
  const cookie = await sealSessions();
  const rotated = await refreshSessions(signedIn);
  await listSessions(ada.id);
  await endSessions(ada, rotated, cookie);
  await deleteUser(ada);
  const names = ["user.created", "user.updated", "user.deleted", "session.created", "session.revoked"];
  await step("events", () => allEvents(names, { limit: 10 }));
  await step("events_of_one_name", async () =>
    (await allEvents(["user.deleted"], { limit: 10 })).map((event) => event.data.id),
  );
}
