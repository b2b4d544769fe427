import { createEntraClient } from "./clients/entra.ts";
import { createHttp } from "./clients/http.ts";
import { nodeTransport } from "./clients/transport.ts";
import { runToken, type TokenContext } from "./commands/token.ts";
import { createContext, idTokenSource, type Surroundings } from "./context.ts";
import { createDeadline } from "./deadline.ts";
import { ActionError } from "./errors.ts";
import { givenFor } from "./inputs-read.ts";
import { readTokenInputs } from "./inputs-token.ts";
import { run } from "./run.ts";
import { runSites } from "./run-sites.ts";

/** A session is there in seconds, or not at all while a new federated credential spreads. */
const wholeToken = 3 * 60_000;

/**
 * What the runner starts. `token` has a context of its own: the job that tests a preview holds neither Cloudflare's
 * token nor a right to anything at GitHub.
 * @throws ActionError of the command
 */
export async function start(around: Surroundings): Promise<void> {
  if (givenFor(around.env, "command") === "token") return runToken(tokenContext(around));
  const context = createContext(around);
  return context.inputs.sites.length === 1 ? run(context) : runSites(around, context.inputs.sites);
}

function tokenContext(around: Surroundings): TokenContext {
  const { env, log, now, random, setOutput } = around;
  const inputs = readTokenInputs(env);
  const temp = env["RUNNER_TEMP"] ?? "";
  if (temp === "") throw new ActionError("environment-incomplete", "RUNNER_TEMP");
  const { left, sleep } = createDeadline({ work: wholeToken, reserve: 0, now, sleep: around.sleep });
  const http = createHttp({ transport: nodeTransport, now, sleep, random, left });
  const entra = createEntraClient(
    { http, now, sleep, mask: (secret) => log.mask(secret) },
    {
      authority: inputs.entraAuthority,
      tenantId: inputs.tenantId,
      clientId: inputs.testClientId,
      graphUrl: "",
      idToken: idTokenSource(env),
    },
  );
  return { inputs, entra, http, log, temp, setOutput };
}
