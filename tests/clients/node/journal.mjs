// What every journey of the official Node SDK is told with: the SDK, the host, and the book of its results.
//
// The book holds for each step what the SDK gave back ({"value": …}) or what it threw ({"error": …}),
// and which of its methods were called, with keys in snake case as every journey has them. It judges
// nothing; the tests that read it do.

import { readSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { PORT, API_KEY, CLIENT_ID, SDK_FOLDER } = process.env;
export const base = `http://127.0.0.1:${PORT}`;

const require = createRequire(`${SDK_FOLDER}/`);
const { WorkOS } = require("@workos-inc/node");
const version = require("@workos-inc/node/package.json").version;
export const jose = await import(pathToFileURL(require.resolve("jose")));
export const major = Number(version.split(".")[0]);

let called = new Set();

// Writes down which methods of a service are called.
const recorded = (service) =>
  new Proxy(service, {
    get(target, name) {
      const member = target[name];
      if (typeof member !== "function") return member;
      return (...given) => {
        called.add(name);
        return member.apply(target, given);
      };
    },
  });

const options = { apiHostname: "127.0.0.1", port: Number(PORT), https: false, clientId: CLIENT_ID };
export const connect = (key) => recorded(new WorkOS(key, options).userManagement);
export const workos = new WorkOS(API_KEY, options);
export const users = recorded(workos.userManagement);
// From version 9 on the factors of a user stand beside all factors.
export const mfa = recorded(major >= 9 ? workos.multiFactorAuth : workos.mfa);

const offers = (service) => [
  ...new Set([service, Object.getPrototypeOf(service)].flatMap((from) => Object.getOwnPropertyNames(from))),
];
export const results = {
  sdk: { value: version },
  offers: { value: [workos.userManagement, workos.multiFactorAuth ?? workos.mfa].flatMap(offers) },
};
const say = (line) => writeFileSync(1, `${JSON.stringify(line)}\n`);
// Also after a breakdown, so that the test can tell how far the journey went.
process.on("exit", () => say({ results }));

// Asks the host for what no SDK can do, and waits for its answer: a line out, a line in.
export function host(ask, more = {}) {
  say({ ask, ...more });
  const bytes = [];
  const byte = Buffer.alloc(1);
  while (readSync(0, byte) === 1 && byte[0] !== 10) bytes.push(byte[0]);
  return JSON.parse(Buffer.from(bytes).toString());
}

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

export const told = (error) => ({
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

// Takes a step: remembers the value or the error, and gives the value or nothing.
export async function step(name, action) {
  called = new Set();
  const result = {};
  results[name] = result;
  try {
    const value = await action();
    result.value = plain(value);
    return value;
  } catch (error) {
    result.error = told(error);
    return undefined;
  } finally {
    result.called = [...called];
  }
}

// What a test compares of a list: its items as `read` sees them, and its cursors.
export const page = (list, read) => ({
  items: list.data.map(read),
  before: list.listMetadata.before ?? null,
  after: list.listMetadata.after ?? null,
});

// The whole answer of a sign-in and what its token says.
export const entered = (answer) => ({ ...answer, claims: jose.decodeJwt(answer.accessToken) });

export const password = "a quiet lighthouse at dusk";
export const create = (email, more = {}) => users.createUser({ email, password, emailVerified: true, ...more });
export const signIn = (email, more = {}) => users.authenticateWithPassword({ email, password, ...more });
export const refresh = (refreshToken, more = {}) => users.authenticateWithRefreshToken({ refreshToken, ...more });

// Signs in to be refused, and gives what the refusal holds.
export async function challenged(name, email) {
  let body;
  await step(name, async () => {
    try {
      return await signIn(email);
    } catch (error) {
      body = error.rawData;
      throw error;
    }
  });
  return body;
}

// Waits for a mail or a text of these words, and gives its text.
export async function received(to, words) {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`${base}/_dev/inbox?to=${encodeURIComponent(to)}`);
    const found = (await answer.json()).data.find(({ text }) => text.includes(words));
    if (found) return found.text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing came to ${to}`);
}

// Follows the events to the end, as a consumer does.
export async function allEvents(names, { after, limit }) {
  const found = [];
  for (let pages = 0; pages < 50; pages++) {
    const list = await workos.events.listEvents({ events: names, limit, ...(after ? { after } : {}) });
    found.push(...list.data);
    after = list.listMetadata.after;
    if (!after) break;
  }
  return found;
}
