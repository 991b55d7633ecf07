// Opens and refreshes the cookie on standard input with the official Node SDK, signs in for one of
// its own, and prints what it saw as one JSON object. It judges nothing.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { PORT, API_KEY, CLIENT_ID, SDK_FOLDER, COOKIE_PASSWORD, EMAIL, PASSWORD } = process.env;
const require = createRequire(`${SDK_FOLDER}/`);
const { WorkOS } = require("@workos-inc/node");

const workos = new WorkOS(API_KEY, { apiHostname: "127.0.0.1", port: Number(PORT), https: false, clientId: CLIENT_ID });
const users = workos.userManagement;
const load = (sessionData) => users.loadSealedSession({ sessionData, cookiePassword: COOKIE_PASSWORD });
const tell = ({ authenticated, reason, sessionId, organizationId, role, permissions, user }) => ({
  authenticated,
  reason,
  session_id: sessionId,
  organization_id: organizationId,
  role,
  permissions,
  email: user?.email,
  first_name: user?.firstName,
  metadata: user?.metadata,
});

const cookie = readFileSync(0, "utf8");
const opened = await load(cookie).authenticate();
const logout_url = await load(cookie).getLogoutUrl();
const refreshed = await load(cookie).refresh();
const own = await users.authenticateWithPassword({
  email: EMAIL,
  password: PASSWORD,
  session: { sealSession: true, cookiePassword: COOKIE_PASSWORD },
});
console.log(
  JSON.stringify({
    opened: tell(opened),
    logout_url,
    refreshed: tell(refreshed),
    refreshed_cookie: refreshed.sealedSession,
    own_cookie: own.sealedSession,
  }),
);
