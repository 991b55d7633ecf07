// Writes addresses with the official Node SDK: a list of calls on stdin, a list of results on stdout.
//
// A call is {"method", "argument"}; a result is {"value"} or {"error": the name of the class}.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const { SDK_FOLDER, CLIENT_ID } = process.env;
const require = createRequire(`${SDK_FOLDER}/`);
const { WorkOS } = require("@workos-inc/node");

const workos = new WorkOS("sk_test", { apiHostname: "127.0.0.1", port: 4310, https: false, clientId: CLIENT_ID });

const results = [];
for (const { method, argument } of JSON.parse(await text(process.stdin))) {
  try {
    results.push({ value: await workos.userManagement[method](argument) });
  } catch (error) {
    results.push({ error: error.constructor.name });
  }
}
console.log(JSON.stringify(results));
