import { readFileSync } from "node:fs";
import { join } from "node:path";
import { groups } from "../../local/entra/cast.ts";
import type { Files } from "../../local/github/index.ts";
import { manifestOf, type TarItem, tarOf } from "../src/steps/fixtures.ts";

const demoFolder = join(import.meta.dirname, "..", "..", "examples", "demo");

/** As permissive as a build workflow can be: every push, of tags too, and every pull request. */
export const quickBuild = `name: Build
on: [push, pull_request, merge_group]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/upload-artifact@v4
        with:
          name: entra-gate
          path: entra-gate.tar
`;

/** The demo's own, which compiles functions with wrangler. */
export const realBuild = readFileSync(
  join(demoFolder, ".github", "workflows", "entra-gate-build.yml"),
  "utf8",
);

export const paths = {
  build: ".github/workflows/entra-gate-build.yml",
  gate: ".github/workflows/entra-gate.yml",
  policy: "gate.json",
  artifact: "entra-gate.tar",
} as const;

/** Without the condition on the build's conclusion, so that the action has to look for itself. */
const gateWorkflow = readFileSync(join(demoFolder, paths.gate), "utf8").replace(
  "github.event.workflow_run.conclusion == 'success'",
  "github.event_name == 'workflow_run'",
);

const rules = [
  { path: "/.well-known/*", allow: "anyone" },
  { path: "/*", allow: { groups: ["reviewers"] } },
];

export const policy = {
  groups: { reviewers: groups.reviewers.id },
  roles: ["Site.Admin"],
  preview: { rules },
  production: { rules },
};

/** One of the kinds of file that a site has; each holds the text by which its content is recognised. */
export function smallSite(marker: string): Readonly<Record<string, string>> {
  const page = (title: string) =>
    `<!doctype html>\n<html lang="en"><title>${title}</title><p>The ${title} tide tables, ${marker}.</p></html>\n`;
  return {
    "assets/index.html": page("harbour"),
    "assets/docs/index.html": page("documents"),
    "assets/404.html": page("lost"),
    "assets/style.css": `.${marker} { color: rebeccapurple }\n`,
    "assets/.well-known/security.txt": "Contact: mailto:security@harbour.example\n",
  };
}

/** What `entra-gate pack` makes of a site, with these entries besides that pack.json announces like any other. */
export async function packed(site: Readonly<Record<string, string>>, besides: readonly TarItem[] = []) {
  const files = { ...site, "routes.json": '{"version":1,"exclude":[]}' };
  const announced = {
    ...files,
    ...Object.fromEntries(besides.map(({ name, content = "" }) => [name, content])),
  };
  const items = Object.entries(files).map(([name, content]) => ({ name, content }));
  const manifest = { name: "pack.json", content: JSON.stringify(manifestOf(announced)) };
  return tarOf([manifest, ...items, ...besides]);
}

/**
 * A repository that holds its own build, so that a build takes no time.
 * @param inputs of the action, beside the demo's
 */
export async function smallRepository(
  marker: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<Files> {
  const first = "sign-in-host-project:";
  const lines = Object.entries(inputs).map(([name, value]) => `${name}: ${value}\n          `);

  return {
    [paths.policy]: Buffer.from(JSON.stringify(policy)),
    [paths.build]: Buffer.from(quickBuild),
    [paths.gate]: Buffer.from(gateWorkflow.replace(first, lines.join("") + first)),
    [paths.artifact]: await packed(smallSite(marker)),
  };
}
