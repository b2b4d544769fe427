import { describe, expect, it } from "vitest";
import type { Progress } from "../../../../local/github/index.ts";
import { apiToken, repositoryWith, runSteps, stepOf, useWorld, workflow, world } from "./world.ts";

useWorld();

describe("steps", () => {
  it("mask secrets and tokens in every log, summary and output", async () => {
    const { events } = await repositoryWith();
    const results = await world.runner.run(events);
    const gate = stepOf(results[1], "gate");
    expect(gate.log).toContain("secret *** job ***");
    expect(gate.log).toContain("token ***");
    expect(gate.summary).toBe("summary ***\n");
    const shown = results
      .flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps.map(({ log, summary }) => log + summary)))
      .join("\n");
    expect(shown).not.toContain(apiToken);
    expect(shown).not.toMatch(/ghs_|eyJ/);
    expect(gate.annotations).toEqual([
      { level: "notice", message: "two\nlines", properties: { title: "Seen", file: "gate.json", line: "3" } },
    ]);
  });

  it("go on after a failure only where they say so", async () => {
    const result = await runSteps(
      [
        "- { id: forgiven, run: exit 3, continue-on-error: true }",
        "- { id: fails, run: exit 4 }",
        "- { id: after, run: echo no }",
        "- { id: cleans, run: echo yes, if: always() }",
        "- { id: reports, run: echo yes, if: failure() && steps.forgiven.outcome == 'failure' }",
      ].join("\n"),
    );
    const steps = result.jobs[0]?.steps.map(({ id, outcome, conclusion, exitCode }) => [
      id,
      outcome,
      conclusion,
      exitCode,
    ]);
    expect(steps).toEqual([
      ["forgiven", "failure", "success", 3],
      ["fails", "failure", "failure", 4],
      ["after", "skipped", "skipped", undefined],
      ["cleans", "success", "success", 0],
      ["reports", "success", "success", 0],
    ]);
    expect(result.conclusion).toBe("failure");
  });

  it("fail, and nothing else does, where an expression can't be evaluated", async () => {
    const expression = `$${"{{ fromJSON('no') }}"}`;
    const result = await runSteps(
      `- { id: env, run: echo, env: { A: "${expression}" } }\n- { id: with, if: always(), uses: actions/checkout@v5, with: { ref: "${expression}" } }\n- { id: after, if: always(), run: echo }`,
    );
    expect(result.jobs[0]?.steps.map(({ conclusion }) => conclusion)).toEqual([
      "failure",
      "failure",
      "success",
    ]);
  });

  it("hand on variables and paths, but neither NODE_OPTIONS nor the runner's own", async () => {
    const result = await runSteps(
      [
        "- run: |",
        "    mkdir tools && printf '#!/bin/bash\\necho found' > tools/mine && chmod +x tools/mine",
        '    echo "$PWD/tools" >> "$GITHUB_PATH"; echo "A=1" >> "$GITHUB_ENV"; echo "GITHUB_SHA=x" >> "$GITHUB_ENV"',
        "- { id: sees, run: 'echo \"v=$A $(mine) $GITHUB_SHA\" >> $GITHUB_OUTPUT' }",
        "- { id: worse, run: 'echo NODE_OPTIONS=--require=x >> $GITHUB_ENV' }",
      ].join("\n"),
    );
    expect(stepOf(result, "sees").outputs["v"]).toMatch(/^1 found [0-9a-f]{40}$/);
    expect(stepOf(result, "worse").conclusion).toBe("failure");
  });

  it("show their script without obeying it", async () => {
    const result = await runSteps(`- { id: s, run: 'true ; : "##[error]no ::error::no"' }`);
    expect([stepOf(result, "s").annotations, stepOf(result, "s").log.includes("##[error]no")]).toEqual([
      [],
      true,
    ]);
  });

  it("run where they are told to", async () => {
    const result = await runSteps(
      "- uses: actions/checkout@v5\n- { id: here, run: 'echo \"v=$(basename $PWD)\" >> $GITHUB_OUTPUT' }\n- { id: there, working-directory: sub/deep, run: 'echo \"v=$(basename $PWD)\" >> $GITHUB_OUTPUT' }",
      "defaults: { run: { working-directory: sub } }",
      { "sub/deep/x": "x" },
    );
    expect([stepOf(result, "here").outputs["v"], stepOf(result, "there").outputs["v"]]).toEqual([
      "sub",
      "deep",
    ]);
  });

  it("time out", async () => {
    const result = await runSteps(
      "- { id: slow, run: 'exec sleep 60', timeout-minutes: 0.005 }\n- { id: after, run: echo, if: failure() }",
    );
    expect([stepOf(result, "slow").conclusion, stepOf(result, "after").conclusion]).toEqual([
      "failure",
      "success",
    ]);
    expect(result.seconds).toBeLessThan(10);
  });

  it("are interrupted when the run is cancelled, and those with always() still run", async () => {
    const { events } = await repositoryWith({ ".github/workflows/build.yml": workflow("cancelled.yml") });
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      if (progress.kind === "line" && progress.text === "waiting") controller.abort();
    };
    const [result] = await world.runner.run(events, { onProgress, signal: controller.signal });
    expect(stepOf(result, "long").log).toContain("interrupted");
    expect(result?.jobs[0]?.steps.map(({ conclusion }) => conclusion)).toEqual([
      "cancelled",
      "skipped",
      "success",
    ]);
    expect(result?.conclusion).toBe("cancelled");
  });
});
