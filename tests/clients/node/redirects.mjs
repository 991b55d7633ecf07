// The addresses that a browser is sent to and the codes it brings back, told by the official Node SDK.

import { connect, create, entered, host, password, step, users } from "./journal.mjs";

const { CLIENT_ID, REDIRECT_URI: redirectUri } = process.env;

async function buildAddresses() {
  await step("authorization_url", () =>
    users.getAuthorizationUrl({
      provider: "authkit",
      redirectUri,
      state: "s p&ce",
      screenHint: "sign-up",
      loginHint: "ada@example.com",
    }),
  );
  await step("authorization_url_of_connection", () =>
    users.getAuthorizationUrl({ connectionId: "conn_1", redirectUri, domainHint: "acme.example" }),
  );
  await step("authorization_url_of_nothing", () => users.getAuthorizationUrl({ redirectUri }));
}

export async function tellRedirects({ beta }) {
  await buildAddresses();
  const email = "codes@example.com";
  await create(email);
  // What a person does at this address, and what the browser brings back.
  const visit = (address) => host("sign_in", { address, email, password });
  const issue = () => visit(users.getAuthorizationUrl({ provider: "authkit", redirectUri })).code;
  const trade = (code, more = {}) => users.authenticateWithCode({ code, ...more });

  const { code: plain } = await step("authorized", () =>
    visit(users.getAuthorizationUrl({ provider: "authkit", redirectUri, state: "s p&ce", loginHint: email })),
  );
  await step("code", async () => entered(await trade(plain)));
  await step("code_again", () => trade(plain));

  const { url, codeVerifier } = await step("authorization_url_pkce", () =>
    users.getAuthorizationUrlWithPKCE({ provider: "authkit", redirectUri }),
  );
  const { code: bound } = await step("authorized_with_pkce", () => visit(url));
  await step("code_without_verifier", () => trade(bound));
  await step("code_wrong_verifier", () => trade(bound, { codeVerifier: "x".repeat(43) }));
  await step("code_public", async () =>
    entered(await connect().authenticateWithCode({ code: bound, codeVerifier, clientId: CLIENT_ID })),
  );

  const invitation = await users.sendInvitation({ email, organizationId: beta.id });
  await users.revokeInvitation(invitation.id);
  await step("revoked_invite_used", () => trade(issue(), { invitationToken: invitation.token }));
  const { token } = await users.sendInvitation({ email, organizationId: beta.id });
  await step("code_invited", async () => entered(await trade(issue(), { invitationToken: token })));
}
