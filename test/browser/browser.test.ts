import { afterAll, beforeAll } from "vitest";
import { arriving } from "./cases/arriving.ts";
import { refused } from "./cases/refused.ts";
import { type BrowserWorld, startBrowserWorld } from "./world.ts";

let shared: BrowserWorld;

beforeAll(async () => {
  shared = await startBrowserWorld();
}, 300_000);

afterAll(() => shared?.close());

const the = () => shared;

arriving(the);
refused(the);
