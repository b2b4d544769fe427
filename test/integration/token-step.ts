import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../../local/world/world.ts";
import { createEntraClient } from "../../src/clients/entra.ts";
import { FakeTime, httpWith } from "../src/support.ts";
import { addresses } from "./company.ts";

export interface TokenRun {
  readonly code: number;
  /** All that was printed, the lines by which secrets are masked left out. */
  readonly said: string;
  readonly masked: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** The built action's `token`, as a step of a job in that environment that tests a preview. */
export async function runToken(world: World, environment: string, url: string): Promise<TokenRun> {
  const folder = mkdtempSync(join(tmpdir(), "entra-gate-token-"));
  const { applications } = world.entra.cast;
  const env = {
    ...jobOf(world, environment),
    PATH: process.env["PATH"] ?? "",
    RUNNER_TEMP: folder,
    INPUT_COMMAND: "token",
    "INPUT_TENANT-ID": world.entra.tenantId,
    "INPUT_GATE-CLIENT-ID": applications.gate.appId,
    "INPUT_TEST-CLIENT-ID": applications.testClient.appId,
    "INPUT_SIGN-IN-ORIGIN": addresses(world).host,
    INPUT_URL: url,
    "INPUT_ENTRA-AUTHORITY": world.entra.authority,
  };
  const action = join(import.meta.dirname, "..", "..", "dist", "index.js");
  try {
    const [code, printed] = await new Promise<[number, string]>((resolve) => {
      execFile(process.execPath, [action], { env }, (error, stdout, stderr) =>
        resolve([Number(error?.code ?? 0), stdout + stderr]),
      );
    });
    const lines = printed.split("\n");
    const masks = lines.filter((line) => line.startsWith("::add-mask::"));
    const set = lines.flatMap((line) => {
      const [, name, value] = /^::set-output name=([^:]+)::(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? ""] as const];
    });
    const state = Object.fromEntries(set)["storage-state-path"];
    return {
      code,
      said: lines.filter((line) => !masks.includes(line) && !line.startsWith("::set-output")).join("\n"),
      masked: masks.map((line) => line.slice("::add-mask::".length)),
      outputs: {
        ...Object.fromEntries(set),
        ...(state === undefined ? {} : { state: readFileSync(state, "utf8") }),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An Entra token of the test application for the gate's, as a job in that environment gets it. */
export async function entraToken(world: World, environment: string): Promise<string> {
  const time = new FakeTime();
  const job = jobOf(world, environment);
  const { authority, tenantId, graphUrl, cast } = world.entra;
  const { gate, testClient } = cast.applications;
  const idToken = {
    url: job["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "",
    requestToken: job["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "",
  };
  const client = createEntraClient(
    { http: httpWith(time), sleep: time.sleep, now: time.now, mask: () => undefined },
    { authority, tenantId, graphUrl, idToken, clientId: testClient.appId },
  );
  const answer = await client.applicationToken(testClient.appId, gate.appId);
  if ("refused" in answer) throw new Error(answer.refused.said);
  return answer.token;
}

function jobOf({ github, demo: { repository } }: World, environment: string): Record<string, string> {
  const run = repository.runs.at(-1);
  if (run === undefined) throw new Error("nothing ran yet");
  const workflowRef = `${repository.fullName}/.github/workflows/entra-gate.yml@refs/heads/main`;
  const requestToken = github.idTokens.open({
    ...{ repository, run, event: "workflow_run", ref: "refs/heads/main", sha: run.headSha },
    ...{ headRef: "", baseRef: "", refProtected: false, environment },
    ...{ workflowRef, workflowSha: run.headSha, actor: repository.owner },
  });
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.idTokenUrl}/idtoken/${run.id}?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
  };
}
