import { afterAll, beforeAll } from "vitest";
import { arriving } from "./cases/arriving.ts";
import { auditing } from "./cases/auditing.ts";
import { ending } from "./cases/ending.ts";
import { expired } from "./cases/expired.ts";
import { explained } from "./cases/explained.ts";
import { forgedSignIn } from "./cases/forged-sign-in.ts";
import { outage } from "./cases/outage.ts";
import { readable } from "./cases/readable.ts";
import { refused } from "./cases/refused.ts";
import { replayed } from "./cases/replayed.ts";
import { sibling } from "./cases/sibling.ts";
import { signingOut } from "./cases/sign-out.ts";
import { steppingUp } from "./cases/step-up.ts";
import { type BrowserWorld, startBrowserWorld } from "./world.ts";

let shared: BrowserWorld;

// One world for all: it costs half a minute, and each test brings a browser profile of its own.
beforeAll(async () => {
  shared = await startBrowserWorld();
}, 300_000);

afterAll(() => shared?.close());

const the = () => shared;

arriving(the);
refused(the);
signingOut(the);
steppingUp(the);
expired(the);
sibling(the);
forgedSignIn(the);
replayed(the);
explained(the);
auditing(the);
ending(the);
outage(the);
readable(the);
