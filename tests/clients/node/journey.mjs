// One life of a user, told by the official Node SDK to a running server.
//
// Prints one JSON object: for each step what the SDK gave back ({"value": …}) or what it
// threw ({"error": …}), with keys in snake case as every journey has them. It judges nothing;
// the tests that run it do. Majors differ in the few places that `adapter` names.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { PORT, API_KEY, CLIENT_ID, SDK_FOLDER, COOKIE_PASSWORD } = process.env;
const base = `http://127.0.0.1:${PORT}`;

const require = createRequire(`${SDK_FOLDER}/`);
const { WorkOS } = require("@workos-inc/node");
const version = require("@workos-inc/node/package.json").version;
const jose = await import(pathToFileURL(require.resolve("jose")));

const major = Number(version.split(".")[0]);
const adapter = {
  // Up to 10.9 the SDK puts an external id into the path as it is, so its caller escapes it.
  externalId: (id) => (major >= 11 ? id : encodeURIComponent(id)),
};

const connect = (key) =>
  new WorkOS(key, { apiHostname: "127.0.0.1", port: Number(PORT), https: false, clientId: CLIENT_ID });
const workos = connect(API_KEY);
const users = workos.userManagement;

const results = { sdk: version, node: process.version };
// Also after a breakdown, so that the test can tell how far the journey went.
process.on("exit", () => console.log(JSON.stringify(results)));

const snake = (value) => {
  if (Array.isArray(value)) return value.map(snake);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snake(member),
    ]),
  );
};

const plain = (value) => (value === undefined ? null : snake(JSON.parse(JSON.stringify(value))));

const told = (error) => ({
  class: error.constructor.name,
  status: error.status ?? null,
  message: error.message,
  code: error.code ?? null,
  error: error.error ?? null,
  errors: plain(error.errors),
  request_id: error.requestID ?? null,
  pending_authentication_token: error.pendingAuthenticationToken ?? null,
  body: plain(error.rawData),
});

async function step(name, action) {
  try {
    const value = await action();
    results[name] = { value: plain(value) };
    return value;
  } catch (error) {
    results[name] = { error: told(error) };
    return undefined;
  }
}

// Gives the list itself to the journey and what a test compares to the results.
async function listing(name, ask) {
  const list = await step(name, ask);
  if (list) {
    results[name] = {
      value: {
        emails: list.data.map((user) => user.email),
        before: list.listMetadata.before ?? null,
        after: list.listMetadata.after ?? null,
      },
    };
  }
  return list;
}

const password = "a quiet lighthouse at dusk";
const externalId = "crm/47 11?x=%41&y#z:*~";
const email = "Ada@Example.com";


const ada = await step("create", () =>
  users.createUser({
    email,
    password,
    firstName: "Ada",
    lastName: "Lovelace",
    emailVerified: true,
    externalId,
    metadata: { tier: "gold", region: "eu" },
  }),
);
await step("create_with_taken_email", () => users.createUser({ email: "ADA@example.COM", password }));
await step("create_with_weak_password", () => users.createUser({ email: "weak@example.com", password: "short" }));
await step("create_with_malformed_email", () => users.createUser({ email: "no at sign" }));
await step("get", () => users.getUser(ada.id));
await step("get_unknown", () => users.getUser("user_01J00000000000000000000000"));
await step("get_by_external_id", () => users.getUserByExternalId(adapter.externalId(externalId)));
await step("get_by_unknown_external_id", () => users.getUserByExternalId("nobody"));

for (let number = 1; number <= 12; number++) {
  await users.createUser({ email: `user${String(number).padStart(2, "0")}@example.org` });
}
await listing("list_by_email", () => users.listUsers({ email: "ADA@EXAMPLE.com" }));
await listing("list_of_unknown_organization", () =>
  users.listUsers({ organizationId: "org_01J00000000000000000000000" }),
);
const first = await listing("list_first_page", () => users.listUsers({ limit: 5, order: "asc" }));
const second = await listing("list_second_page", () =>
  users.listUsers({ limit: 5, order: "asc", after: first.listMetadata.after }),
);
await listing("list_back", () => users.listUsers({ limit: 5, order: "asc", before: second.listMetadata.before }));
await listing("list_newest_first", () => users.listUsers({ limit: 2 }));
await step("list_all_automatically", async () =>
  (await (await users.listUsers()).autoPagination()).map((user) => user.email),
);
await step("list_with_foreign_cursor", () => users.listUsers({ after: "user_none" }));

await step("update", () =>
  users.updateUser({
    userId: ada.id,
    firstName: "Augusta",
    locale: "en-GB",
    metadata: { region: null, plan: "team" },
  }),
);
await step("update_clears_metadata", () => users.updateUser({ userId: ada.id, metadata: null }));
await step("update_clears_external_id", () => users.updateUser({ userId: ada.id, externalId: null }));
await step("update_with_taken_email", () => users.updateUser({ userId: ada.id, email: "USER01@example.org" }));


const signIn = (more = {}) =>
  users.authenticateWithPassword({
    email: "ada@example.com",
    password,
    ipAddress: "203.0.113.7",
    userAgent: "journey",
    ...more,
  });

await step("wrong_password", () => signIn({ password: "another quiet lighthouse" }));
await step("unknown_user", () => signIn({ email: "nobody@example.com" }));
await users.createUser({ email: "unverified@example.com", password });
await step("unverified_email", () => signIn({ email: "unverified@example.com" }));
await step("wrong_api_key", () => connect("sk_test_wrong").userManagement.getUser(ada.id));

const signedIn = await step("sign_in", () => signIn());
await step("jwks_url", () => users.getJwksUrl(CLIENT_ID));
await step("access_token", async () => {
  const keys = jose.createRemoteJWKSet(new URL(users.getJwksUrl(CLIENT_ID)));
  const { payload, protectedHeader } = await jose.jwtVerify(signedIn.accessToken, keys);
  return { payload, protectedHeader };
});


const sealed = await step("sign_in_and_seal", () =>
  signIn({ session: { sealSession: true, cookiePassword: COOKIE_PASSWORD } }),
);
const cookie = (sessionData) => users.loadSealedSession({ sessionData, cookiePassword: COOKIE_PASSWORD });
await step("session_authenticates", () => cookie(sealed.sealedSession).authenticate());
const refreshedCookie = await step("session_refreshes", () => cookie(sealed.sealedSession).refresh());
await step("refreshed_session_authenticates", () => cookie(refreshedCookie.sealedSession).authenticate());
await step("session_logout_url", () => cookie(refreshedCookie.sealedSession).getLogoutUrl());
const flipped = (text, place) => text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);
await step("tampered_session", () => cookie(flipped(sealed.sealedSession, 200)).authenticate());


const refresh = (refreshToken) => users.authenticateWithRefreshToken({ refreshToken });
const pair = ({ accessToken, refreshToken }) => ({ accessToken, refreshToken });
const rotated = await step("refresh", async () => pair(await refresh(signedIn.refreshToken)));
await step("replay_at_once", async () => pair(await refresh(signedIn.refreshToken)));
await step("replays_in_parallel", async () =>
  (await Promise.all(Array.from({ length: 8 }, () => refresh(signedIn.refreshToken)))).map(pair),
);
await step("refresh_with_nonsense", () => refresh("nonsense"));


await step("list_sessions", async () => (await users.listSessions(ada.id)).data);
const sessionId = jose.decodeJwt(rotated?.accessToken ?? signedIn.accessToken).sid;
await step("logout_url", () => users.getLogoutUrl({ sessionId }));
await step("revoke", () => users.revokeSession({ sessionId }));
await step("revoke_again", () => users.revokeSession({ sessionId }));
await step("revoke_unknown", () => users.revokeSession({ sessionId: "session_01J00000000000000000000000" }));
await step("refresh_after_revoke", () => refresh(rotated.refreshToken));
await step("sealed_refresh_after_logout", async () => {
  const answer = await fetch(await cookie(refreshedCookie.sealedSession).getLogoutUrl(), { redirect: "manual" });
  const refused = await cookie(refreshedCookie.sealedSession).refresh();
  return { status: answer.status, authenticated: refused.authenticated, reason: refused.reason };
});
await step("list_sessions_after", async () => (await users.listSessions(ada.id)).data.map((session) => session.id));


await step("replay_too_late", async () => {
  const session = await signIn();
  const next = await refresh(session.refreshToken);
  await fetch(`${base}/_dev/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advance_seconds: 31 }),
  });
  const late = await refresh(session.refreshToken).then(() => "accepted", told);
  const successor = await refresh(next.refreshToken).then(() => "accepted", told);
  return { late, successor };
});


const last = await signIn();
await step("delete", () => users.deleteUser(ada.id));
await step("get_deleted", () => users.getUser(ada.id));
await step("refresh_of_deleted", () => refresh(last.refreshToken));
await step("delete_again", () => users.deleteUser(ada.id));

const names = ["user.created", "user.updated", "user.deleted", "session.created", "session.revoked"];
const mostPages = 20;
await step("events", async () => {
  const found = [];
  let after;
  for (let pages = 0; pages < mostPages; pages++) {
    const list = await workos.events.listEvents({ events: names, limit: 10, ...(after ? { after } : {}) });
    found.push(...list.data);
    after = list.listMetadata.after;
    if (!after) break;
  }
  return found;
});
await step("events_of_one_name", async () =>
  (await workos.events.listEvents({ events: ["user.deleted"] })).data.map((event) => event.data.id),
);
