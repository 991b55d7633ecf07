// Checks session cookies with the official Node SDK for some seconds, and prints how many a second.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { folder, port, client_id, password, cookies, seconds } = JSON.parse(readFileSync(0, "utf8"));
const { WorkOS } = createRequire(`${folder}/`)("@workos-inc/node");
const options = { apiHostname: "127.0.0.1", port, https: false, clientId: client_id };
const users = new WorkOS("sk_nothing_is_sent", options).userManagement;

async function check(sessionData) {
  const verdict = await users.loadSealedSession({ sessionData, cookiePassword: password }).authenticate();
  if (!verdict.authenticated) throw new Error(verdict.reason);
}

for (const cookie of cookies) await check(cookie);
const started = performance.now();
const end = started + seconds * 1000;
let count = 0;
while (performance.now() < end) {
  await check(cookies[count % cookies.length]);
  count += 1;
}
console.log(count / ((performance.now() - started) / 1000));
