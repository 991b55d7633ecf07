// All that the official Node SDK tells to a running server; what it prints is read by tests/clients/telling.py.

import { tellCodes } from "./codes.mjs";
import { tellFactors } from "./factors.mjs";
import { tellInvitations } from "./invitations.mjs";
import { allEvents, results, step } from "./journal.mjs";
import { tellLateness } from "./lateness.mjs";
import { tellMembers } from "./members.mjs";
import { tellRedirects } from "./redirects.mjs";
import { tellUsers } from "./users.mjs";

await tellUsers();
const after = results.events.value.at(-1)?.id;
const known = await tellMembers();
await tellInvitations(known);
await tellRedirects(known);
await tellCodes(known);
await tellFactors(known.vault);
await tellLateness();
await step("story_events", () => allEvents(process.env.EVENTS.split(","), { after, limit: 100 }));
