import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runSteps, stepOf, useWorld, world } from "./world.ts";

useWorld();

describe("actions", () => {
  const dots = { "dist/index.html": "x", "dist/.well-known/x": "x", "dist/.hidden": "x" };
  const upload = (extra: string) =>
    `- uses: actions/checkout@v5\n- { id: up, uses: actions/upload-artifact@v4, with: { name: a, path: dist${extra} } }`;

  it.each([
    ["", 1],
    [", include-hidden-files: true", 3],
  ])("upload-artifact%s takes %i files", async (extra, files_) => {
    const result = await runSteps(upload(extra), "", dots);
    expect(stepOf(result, "up").log).toContain(`has ${files_} files`);
  });

  it("upload-artifact refuses a name twice, and says when there is nothing", async () => {
    const again = await runSteps(
      `${upload("")}\n- { id: again, uses: actions/upload-artifact@v4, with: { name: a, path: dist } }`,
      "",
      dots,
    );
    expect(stepOf(again, "again").conclusion).toBe("failure");
    const none = await runSteps(
      "- { id: up, uses: actions/upload-artifact@v4, with: { name: a, path: nothing, if-no-files-found: error } }",
    );
    expect(stepOf(none, "up").conclusion).toBe("failure");
  });

  it("download-artifact gives back what was uploaded in the run", async () => {
    const steps = `${upload(", include-hidden-files: true")}\n- { uses: actions/download-artifact@v5, with: { name: a, path: back } }\n- { id: see, run: 'echo "v=$(cd back && find . -type f | sort | xargs)" >> $GITHUB_OUTPUT' }`;
    expect(stepOf(await runSteps(steps, "", dots), "see").outputs["v"]).toBe(
      "./.hidden ./.well-known/x ./index.html",
    );
  });

  it("upload-artifact takes a link's target, as the real one does", async () => {
    const result = await runSteps(
      "- run: mkdir d && echo x > real && ln -s ../real d/link\n- { id: up, uses: actions/upload-artifact@v4, with: { name: a, path: d } }",
    );
    expect(stepOf(result, "up").log).toContain("has 1 files");
  });

  it.each([
    ["an ID token", "permissions: { attestations: write }", "id-token"],
    ["the permission", "permissions: { id-token: write }", "Resource not accessible"],
    ["a plan that has it", "permissions: { id-token: write, attestations: write }", "Feature not available"],
  ])("attest-build-provenance signs nothing without %s", async (_, head, why) => {
    const steps =
      "- run: echo x > made\n- { id: sign, uses: actions/attest-build-provenance@v3, with: { subject-path: made } }";
    const { conclusion, annotations } = stepOf(await runSteps(steps, head), "sign");
    expect([conclusion, annotations[0]?.message]).toEqual(["failure", expect.stringContaining(why)]);
  });

  it("setup-node fails for a Node that isn't here", async () => {
    const result = await runSteps("- { id: node, uses: actions/setup-node@v5, with: { node-version: 18 } }");
    expect(stepOf(result, "node").conclusion).toBe("failure");
  });

  it("an action that nobody has is an error", async () => {
    const result = await runSteps("- { id: other, uses: acme/other@v1 }");
    expect(stepOf(result, "other").annotations[0]?.message).toContain("Unable to resolve action");
  });

  it("npm ci wants a lock file, installs nothing by name, and npx finds what was linked", async () => {
    mkdirSync(join(world.folder, "node_modules/.bin"), { recursive: true });
    writeFileSync(
      join(world.folder, "node_modules/made-up/cli.js"),
      '#!/usr/bin/env node\nconsole.log("from the bin");',
      { mode: 0o755 },
    );
    const bin = join(world.folder, "node_modules/.bin/made-up");
    mkdirSync(dirname(bin), { recursive: true });
    symlinkSync("../made-up/cli.js", bin);
    const result = await runSteps(
      [
        "- { id: bare, run: npm ci, continue-on-error: true }",
        "- uses: actions/checkout@v5",
        "- run: npm ci",
        "- { id: named, run: npm install left-pad, continue-on-error: true }",
        "- { id: npx, run: npx made-up }",
      ].join("\n"),
      "",
      { "package.json": "{}", "package-lock.json": "{}" },
    );
    expect([stepOf(result, "bare").outcome, stepOf(result, "named").outcome]).toEqual(["failure", "failure"]);
    expect(stepOf(result, "npx").log).toContain("from the bin");
  });
});
