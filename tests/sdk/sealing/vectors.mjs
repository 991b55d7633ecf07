// Writes vectors.json: seals made with Node's own cryptography from the words of contract page 31,
// for the formats whose SDKs cannot be installed here, and for corners that no SDK writes.
//
//     node vectors.mjs > vectors.json

import crypto from "node:crypto";

const times = { iso: "2026-01-15T12:00:00.000Z", milliseconds: "1768478400000" };
const password = "correct horse battery staple 4711";
const raw = "0123456789abcdef0123456789ABCDEF";
const digits = "00112233445566778899aabbccddeeff".repeat(2);

const impersonator = { email: "op@example.com", reason: "help" };
const person = { object: "user", id: "user_01", email: "ada@example.com" };
const metadata = { camelCase: "kept" };

const snake = JSON.stringify({
  access_token: "a.b.c",
  refresh_token: "r_1",
  user: {
    ...person,
    email_verified: true,
    first_name: "Ada",
    metadata,
    created_at: times.iso,
    updated_at: times.iso,
  },
  impersonator,
});
const camel = {
  organizationId: "org_1",
  user: { ...person, emailVerified: true, firstName: "Ada", metadata, createdAt: times.iso, updatedAt: times.iso },
  accessToken: "a.b.c",
  refreshToken: "r_1",
  authenticationMethod: "Password",
  impersonator,
};

const hash = (text) => crypto.createHash("sha256").update(text).digest();
const nonce = Buffer.from("000102030405060708090a0b", "hex");
const one = Buffer.from("0102030405060708090a0b0c", "hex");

function gcm(key, iv, layout) {
  const cipher = crypto.createCipheriv("aes-256-gcm", key, iv);
  const ciphertext = Buffer.concat([cipher.update(snake, "utf8"), cipher.final()]);
  return Buffer.concat(layout({ iv, ciphertext, tag: cipher.getAuthTag() })).toString("base64");
}

const plainLayout = ({ iv, ciphertext, tag }) => [iv, ciphertext, tag];
const ruby7Layout = ({ iv, ciphertext, tag }) => [Buffer.from([1]), iv, tag, ciphertext];

function iron(contents, { expiry = "", suffix = "~2", id = "1" } = {}) {
  const [salt, integritySalt, iv] = ["ab".repeat(32), "cd".repeat(32), Buffer.alloc(16, 7)];
  const key = (salted) => crypto.pbkdf2Sync(password, salted, 1, 32, "sha1");
  const cipher = crypto.createCipheriv("aes-256-cbc", key(salt), iv);
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(contents)), cipher.final()]);
  const signed = ["Fe26.2", id, salt, iv.toString("base64url"), ciphertext.toString("base64url"), expiry].join("*");
  const mac = crypto.createHmac("sha256", key(integritySalt)).update(signed).digest("base64url");
  return `${signed}*${integritySalt}*${mac}${suffix}`;
}

const sealed = {
  go: [gcm(hash(password), nonce, plainLayout), password],
  go_of_hexadecimal_digits: [gcm(Buffer.from(digits, "hex"), nonce, plainLayout), digits],
  go_that_begins_like_ruby: [gcm(hash(password), one, plainLayout), password],
  ruby_7: [gcm(hash(password), nonce, ruby7Layout), password],
  ruby_6: [gcm(Buffer.from(raw), nonce, plainLayout), raw],
  ruby_6_that_begins_like_7: [gcm(Buffer.from(raw), one, plainLayout), raw],
  iron: [iron(camel), password],
  iron_without_version: [iron(camel, { suffix: "" }), password],
  iron_of_an_older_version: [iron({ persistent: camel }, { suffix: "~1" }), password],
  iron_with_an_end: [iron(camel, { expiry: times.milliseconds }), password],
  iron_of_another_password_id: [iron(camel, { id: "2" }), password],
};

console.log(JSON.stringify(sealed, null, 2));
