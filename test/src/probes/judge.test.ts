import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ProbeAnswer } from "../../../contract/probes/client.ts";
import { type ClosedContent, learnClosedContent } from "../../../src/probes/content.ts";
import { judge } from "../../../src/probes/judge.ts";
import { pathRules } from "../../../src/probes/public.ts";
import { listFiles } from "../../../src/steps/folder.ts";
import type { Bundle } from "../../../src/steps/types.ts";
import { scratchFolder, siteConfig } from "../steps/fixtures.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const config = await siteConfig();
const rules = pathRules(config.policy);

async function learn(name: string, files: Readonly<Record<string, string | Buffer>>): Promise<ClosedContent> {
  const folder = scratch.at(name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const bundle: Bundle = {
    kind: "gated",
    folder,
    id: "b",
    environment: "preview",
    files: await listFiles(folder),
    config,
  };
  return learnClosedContent(bundle, rules);
}

const secret = "The harbour master keeps the key of pier nine under the third bollard.";
const shared = "This sentence stands in the public file and in the closed one alike.";
const closed = await learn("usual", {
  "secret.html": `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"></head>\n<body>${secret}</body>\n</html>`,
  "picture.png": Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 73) % 256)),
  "mixed.txt": `${shared}\n${"padding of its own ".repeat(3)}`,
  "public/open.txt": shared,
  "tiny.txt": "ok",
  "empty.txt": "",
  "_worker.js/gate.js": 'export const page = "Please sign in to see this deployment of the site";',
  "gated-words.html": "Please sign in to see this deployment of the site.",
  "_worker.js/site/index.js":
    "export default { text: 'a template that a public function may well answer with' };",
});

function answer(
  status: number,
  body: string | Buffer = "",
  headers: Record<string, string> = {},
): ProbeAnswer {
  const bytes = Buffer.from(body as string);
  return { status, headers, body: bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const closedPath = { public: false, odd: false };
const verdict = (given: ProbeAnswer, expected: Parameters<typeof judge>[1] = closedPath) =>
  judge(given, expected, closed, "https://a.example").outcome;
const gate = { "x-entra-gate-code": "sign-in-required" };

describe("an answer to somebody without a session", () => {
  it.each([
    [
      "the whole file",
      answer(
        200,
        Buffer.from(
          `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"></head>\n<body>${secret}</body>\n</html>`,
        ),
      ),
    ],
    ["a part of it in another page, under a refusal of the gate's", answer(403, `<p>${secret}</p>`, gate)],
    ["a part of it in JSON", answer(401, JSON.stringify({ error: secret }), gate)],
    [
      "a part of a picture",
      answer(
        206,
        Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 73) % 256)).subarray(400, 1_600),
        gate,
      ),
    ],
    ["what is not the gate's, whatever it says", answer(200, "fine")],
    ["nothing, but 200 without the gate", answer(200)],
    ["nothing, but 204 without the gate", answer(204)],
    ["that a cached copy is still good", answer(304)],
    ["a redirect of the asset server's", answer(308, "", { location: "/secret" })],
    [
      "a worker module",
      answer(200, "export default { text: 'a template that a public function may well answer with' };", gate),
    ],
  ])("is open if it holds %s", (_, given) => {
    expect(verdict(given)).toBe("open");
  });

  it.each([
    ["401", answer(401, '{"error":"sign-in-required"}', gate)],
    ["403", answer(403, "Please sign in to see this deployment of the site", gate)],
    ["503", answer(503, "", gate)],
  ])("is closed if the gate signed it with %s", (_, given) => {
    expect(verdict(given)).toBe("closed");
  });

  it.each([
    ["a challenge page", answer(403, "checking your browser", { "cf-mitigated": "challenge" })],
    ["somebody else's 401", answer(401, "who are you")],
    ["somebody else's 403", answer(403)],
    ["a 404 while it spreads", answer(404, "Nothing is here yet")],
    ["a 405 that is not the gate's", answer(405)],
    ["a 522", answer(522)],
    ["a 400 to a path that is written plainly", answer(400)],
    ["a redirect to another origin", answer(301, "", { location: "https://b.example/" })],
  ])("says nothing if it is %s", (_, given) => {
    expect(verdict(given)).toBe("inconclusive");
  });

  it("is closed where the edge refuses an oddly written path", () => {
    expect(verdict(answer(400, "Bad Request"), { public: false, odd: true })).toBe("closed");
  });
});

describe("the sign-in page with a card", () => {
  const asked = { public: false, odd: true, card: true };
  const page = {
    ...gate,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'nonce-x'; form-action 'none'",
  };

  it("is closed with 200, but only to a link-preview fetcher where the policy has card", () => {
    expect(verdict(answer(200, "sign in", page), asked)).toBe("closed");
    expect(verdict(answer(200, "sign in", page))).toBe("open");
  });

  it.each([
    ["with closed content in it", answer(200, secret, page)],
    ["without the gate's code", answer(200, "x", { ...page, "x-entra-gate-code": "" })],
    ["with another code", answer(200, "x", { ...page, "x-entra-gate-code": "not-admitted" })],
    ["as JSON", answer(200, "x", { ...page, "content-type": "application/json" })],
    [
      "under a site's own policy",
      answer(200, "x", { ...page, "content-security-policy": "default-src 'self'" }),
    ],
    ["of another size", answer(200, "x".repeat(40_000), page)],
    ["with 206", answer(206, "x", page)],
  ])("is open %s", (_, given) => {
    expect(verdict(given, asked)).toBe("open");
  });
});

describe("a path that anyone may see", () => {
  const sha256 = createHash("sha256").update(shared).digest("hex");

  it("may show what is public, and must", () => {
    expect(verdict(answer(200, shared), { public: true, odd: false, sha256 })).toBe("public");
    expect(verdict(answer(401, "", gate), { public: true, odd: false, sha256 })).toBe("broken");
    expect(verdict(answer(404), { public: true, odd: false, sha256 })).toBe("broken");
    expect(verdict(answer(502), { public: true, odd: false, sha256 })).toBe("inconclusive");
    expect(verdict(answer(500), { public: true, odd: false })).toBe("public");
  });

  it("must not answer with a closed page's content", () => {
    expect(verdict(answer(200, `fallback: ${secret}`), { public: true, odd: false })).toBe("open");
    expect(verdict(answer(200, `fallback: ${secret}`), { public: true, odd: false, sha256 })).toBe("open");
  });
});

describe("closed content", () => {
  it("leaves out what is public, the gate's own, or too short to mean anything", () => {
    const find = (text: string) =>
      closed.find(Buffer.from(text), createHash("sha256").update(text).digest("hex"));
    expect(find(shared)).toBeUndefined();
    expect(find("ok")).toBeUndefined();
    expect(find("")).toBeUndefined();
    expect(find("padding of its own padding of its own padding of its own ")).toBe("mixed.txt");
    expect(find('<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"></head>')).toBeUndefined();
  });
});
