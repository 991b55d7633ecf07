// Prints the methods of each part of the official Node SDK, as JSON.

import { createRequire } from "node:module";

const { WorkOS } = createRequire(`${process.env.SDK_FOLDER}/`)("@workos-inc/node");
const workos = new WorkOS("sk_test", { clientId: "client_test" });

const parts = {};
for (const [name, part] of Object.entries(workos)) {
  const kind = part && typeof part === "object" ? Object.getPrototypeOf(part) : Object.prototype;
  if (kind === Object.prototype) continue;
  parts[name] = Object.getOwnPropertyNames(kind).filter((each) => each !== "constructor" && typeof part[each] === "function");
}
console.log(JSON.stringify(parts));
