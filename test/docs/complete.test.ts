import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bearerErrors } from "../../contract/errors/bearer.ts";
import { errors } from "../../contract/errors/index.ts";
import { cookies } from "../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../contract/names/endpoints.ts";
import { answerHeaders, identityHeaders } from "../../contract/names/headers.ts";
import { variables } from "../../contract/names/variables.ts";
import { referencePages } from "../../local/docs/pages.ts";
import { faultTexts } from "../../pages-plugin/src/cli/fault-texts.ts";
import { pages, root } from "./blocks/block.ts";

/** The pages as the build would make them of these sources, and those that people write. */
const made = referencePages(root);
const text = [
  ...pages
    .filter((page) => page.startsWith("docs/") && made[page.slice("docs/".length)] === undefined)
    .map((page) => readFileSync(join(root, page), "utf8")),
  ...Object.values(made),
].join("\n");

const sources = ["contract", "src", "pages-plugin/src"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  )
  .join("\n");

const undocumented = (names: readonly string[]) =>
  [...new Set(names)].filter((name) => !text.includes(`\`${name}\``));
const inSources = (pattern: RegExp) => [...sources.matchAll(pattern)].map(([, name = ""]) => name);

const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as Record<"inputs" | "outputs", object>;
const manifest = JSON.parse(readFileSync(join(root, "pages-plugin", "package.json"), "utf8")) as {
  name: string;
  exports: object;
};

describe("the docs name", () => {
  it.each<[string, readonly string[], number]>([
    ["each error code", Object.keys({ ...errors, ...bearerErrors }), 150],
    ["each code of the command", Object.keys(faultTexts), 50],
    ["each input", Object.keys(action.inputs), 20],
    ["each output", Object.keys(action.outputs), 8],
    ["each variable", Object.values(variables), 20],
    ["each header", [...Object.values(identityHeaders), ...Object.values(answerHeaders)], 8],
    ["each cookie", Object.values(cookies), 4],
    ["each endpoint", [...Object.values(siteEndpoints), ...Object.values(hostEndpoints)], 15],
  ])("%s", (_, names, least) => {
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(undocumented(names)).toEqual([]);
  });

  it("each entry of the package", () => {
    const entries = Object.keys(manifest.exports).filter((entry) => !/\.json$/.test(entry));
    expect(entries.filter((entry) => !text.includes(`"${manifest.name}${entry.slice(1)}"`))).toEqual([]);
  });
});

describe("the sources have no name beside these tables", () => {
  it("no header of the product's own", () => {
    const named = new Set(
      [...Object.values(identityHeaders), ...Object.values(answerHeaders)].map((name) => name.toLowerCase()),
    );
    const own = inSources(/["'`](x-(?:entra-gate|ms-client)[a-z-]*[a-z])["'`]/gi);
    expect(own.filter((name) => !named.has(name.toLowerCase()))).toEqual([]);
  });

  it("no endpoint", () => {
    const named = [...Object.values(siteEndpoints), ...Object.values(hostEndpoints)] as string[];
    const asked = ["/.auth/no-such-file"];
    const own = inSources(/["'`](\/\.auth\/[a-z][a-z./-]*)["'`]/g);
    expect(own.filter((path) => !named.includes(path) && !asked.includes(path))).toEqual([]);
  });

  it("no cookie", () => {
    const own = inSources(/["'`](__Host-[\w-]+\w)["'`]/g);
    expect(own.filter((name) => !(Object.values(cookies) as string[]).includes(name))).toEqual([]);
  });

  it("no variable that the docs don't tell of", () => {
    const read = inSources(/\b(?:env|variables)\??\.?\[?"?\.?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g);
    const listed = inSources(/^\s*"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)",$/gm);
    // Between the rehearsal and its own asset server; codes of a connection that failed.
    const none = /^(HEADERS|REDIRECTS)_FILE$|^(EAI|UND)_/;
    const ofEveryJob = /^(GITHUB_(?!TOKEN|API_URL|OIDC)|RUNNER_|ACTIONS_ID_TOKEN_|INPUT_)/;
    expect(read.length).toBeGreaterThan(10);
    expect(
      undocumented([...read, ...listed].filter((name) => !ofEveryJob.test(name) && !none.test(name))),
    ).toEqual([]);
  });

  it("no input that action.yml doesn't have, and each that it has is read", () => {
    const read = new Set(inSources(/(?:["']|^ *)([a-z]+(?:-[a-z]+)*)(?:["']|:)/gm));
    expect(Object.keys(action.inputs).filter((name) => !read.has(name))).toEqual([]);
    const written = inSources(/setOutput\(\s*"([a-z-]+)"/g);
    expect(written.filter((name) => !(name in action.outputs))).toEqual([]);
  });
});
