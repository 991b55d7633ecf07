// A web app whose users sign in with the official authkit-session package, as its guide has it.
// It listens on a port of its own, which it prints. What it shows is what the package says; it judges nothing.

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const { SDK_FOLDER } = process.env;
const { createAuthService, CookieSessionStorage } = await import(
  pathToFileURL(`${SDK_FOLDER}/node_modules/@workos/authkit-session/dist/index.js`)
);

class Storage extends CookieSessionStorage {
  async getCookie(request, name) {
    const cookies = (request.headers.cookie ?? "").split(";").map((each) => each.trim().split("="));
    const found = cookies.find(([given]) => given === name);
    return found ? decodeURIComponent(found.slice(1).join("=")) : null;
  }
}

const service = createAuthService({ sessionStorageFactory: (config) => new Storage(config) });

function send(response, { status = 200, location, bags = [], body = "" }) {
  const cookies = bags.flatMap((bag) => bag?.["Set-Cookie"] ?? []);
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    ...(cookies.length > 0 && { "set-cookie": cookies }),
    ...(location && { location }),
  });
  response.end(body);
}

const text = (value) => String(value).replace(/[&<>"]/g, (letter) => `&#${letter.codePointAt(0)};`);
const tell = (named) =>
  Object.entries(named)
    .map(([name, value]) => `<p id="${name}">${text(value)}</p>`)
    .join("");

const pages = {
  "/login": async ({ query }) => {
    const wanted = { returnPathname: query.get("to") ?? "/", organizationId: query.get("organization") ?? undefined };
    const begin = query.has("sign-up") ? "createSignUp" : "createSignIn";
    const { url, headers } = await service[begin](undefined, wanted);
    return { status: 302, location: url, bags: [headers] };
  },
  "/callback": async ({ request, query }) => {
    const back = { code: query.get("code"), state: query.get("state") ?? undefined };
    const { headers, returnPathname } = await service.handleCallback(request, undefined, back);
    return { status: 302, location: returnPathname, bags: [headers] };
  },
  "/refresh": async ({ request }) => {
    const session = await service.getSession(request);
    const { encryptedSession } = await service.refreshSession(session);
    const { headers } = await service.saveSession(undefined, encryptedSession);
    return { status: 302, location: "/private", bags: [headers] };
  },
  "/private": async ({ request }) => {
    const { auth } = await service.withAuth(request);
    if (!auth.user) return { status: 302, location: "/login?to=/private" };
    const { user, sessionId, organizationId, role, claims } = auth;
    return { body: tell({ email: user.email, session: sessionId, organization: organizationId, role, token: claims.jti }) };
  },
  "/logout": async ({ request }) => {
    const { auth } = await service.withAuth(request);
    const { logoutUrl, headers } = await service.signOut(auth.sessionId, { returnTo: new URL(process.env.WORKOS_REDIRECT_URI).origin });
    return { status: 302, location: logoutUrl, bags: [headers] };
  },
  "/": async ({ request }) => ({ body: tell({ home: (await service.withAuth(request)).auth.user ? "in" : "out" }) }),
};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://app");
  try {
    send(response, (await pages[pathname]?.({ request, query: searchParams })) ?? { status: 404 });
  } catch (fault) {
    send(response, { status: 500, body: tell({ fault: `${fault.name}: ${fault.message}` }) });
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
