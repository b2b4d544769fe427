import { answerHeaders } from "../../contract/names/headers.ts";
import { readPath } from "../../contract/paths/reading.ts";
import { createDecider } from "../../contract/policy/decide.ts";
import { admits, entryOf } from "../../contract/policy/entry.ts";
import type { CompiledPolicy, Visitor } from "../../contract/policy/model.ts";
import { entraError } from "../clients/aadsts.ts";
import {
  cookieHeader,
  type MachineSession,
  openSession,
  type SessionAnswer,
  sessionRefused,
} from "../clients/machine-session.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { Bundle } from "./types.ts";

type Deps = Pick<ActionContext, "entra" | "http" | "log" | "now" | "sleep">;

/** An application that asks for a session, and whether the policy lets it in. */
export interface Machine {
  readonly app: string;
  /** Client id of the gate application. */
  readonly gate: string;
  readonly token: string;
  readonly visitor: Visitor;
  readonly admitted: boolean;
}

/** What came of it, for summary and evidence. */
export interface MachineCheck {
  readonly app: string;
  readonly roles: readonly string[];
  readonly admitted: boolean;
  /** A page that it was shown; absent where the policy shows it none of the deployment's own. */
  readonly saw?: string;
}

/** The sign-in host reads its sites anew after a minute, and Entra takes time to add a claim to tokens. */
const patience = 90_000;
const pause = 5_000;

/**
 * Asks Entra for tokens before anything is deployed: a test application that Entra doesn't know is a mistake in the
 * settings and no reason to take a deployment away. The automation is the machine that has no role.
 *
 * @returns those that have a token; one that Entra refuses for want of an assignment can't ask anybody for anything
 * @throws ActionError entra-* for the test application
 */
export async function prepareMachines(
  deps: Deps,
  apps: { readonly test: string; readonly other: string; readonly gate: string },
  policy: CompiledPolicy,
): Promise<readonly Machine[]> {
  const entry = entryOf(policy);
  const machines: Machine[] = [];
  for (const app of [apps.test, apps.other]) {
    const answer = await deps.entra.applicationToken(app, apps.gate);
    if ("refused" in answer) {
      if (app === apps.test) throw entraError(answer.refused, answer.context);
      continue;
    }
    const roles = rolesIn(answer.token);
    const visitor: Visitor = { kind: "app", tid: "", oid: "", name: app, app, groups: [], roles };
    machines.push({ app, gate: apps.gate, token: answer.token, visitor, admitted: admits(entry, visitor) });
  }
  if (machines[0]?.admitted === false)
    deps.log.info(
      `Test application: no rule for ${policy.environment} lets ${apps.test} in (roles: ${machines[0].visitor.roles.join(", ") || "none"}); that it stays out is what is checked.`,
    );
  return machines;
}

/**
 * From outside, with a session: whoever the policy lets in gets one and is shown a page, and whoever it does not gets
 * none.
 *
 * @throws ActionError session-refused, machine-admitted
 */
export async function checkMachines(
  deps: Deps,
  machines: readonly Machine[],
  at: {
    readonly signInOrigin: string;
    readonly origin: string;
    readonly bundle: Bundle;
    readonly policy: CompiledPolicy;
  },
): Promise<readonly MachineCheck[]> {
  const checks: MachineCheck[] = [];
  for (const machine of machines) {
    const answer = await settledAnswer(deps, machine, at);
    const { app, admitted, visitor } = machine;
    if (answer.ok && !admitted)
      throw new ActionError("machine-admitted", `Application ${app}, at ${at.origin}.`);
    // What is no gate's answer shows nothing: neither that it was let in nor that it was kept out.
    if (!answer.ok && (admitted || answer.code === "")) throw sessionRefused(answer, at.origin);
    const saw = answer.ok
      ? await visit(deps, answer.session, pageFor(at.bundle, at.policy, visitor))
      : undefined;
    checks.push({ app, roles: visitor.roles, admitted, ...(saw === undefined ? {} : { saw }) });
  }
  return checks;
}

/** The answer that was expected, or the last one when patience is at its end. */
async function settledAnswer(
  { entra, http, log, now, sleep }: Deps,
  { app, gate, admitted, token }: Machine,
  { signInOrigin, origin }: { readonly signInOrigin: string; readonly origin: string },
): Promise<SessionAnswer> {
  const until = now() + patience;
  const open = (by: string) =>
    openSession(http, { signInOrigin, origin, token: by }, (secret) => log.mask(secret));
  let opened = await open(token);
  while ((opened.ok !== admitted || (!opened.ok && opened.code === "")) && now() < until) {
    await sleep(pause);
    const answer = await entra.applicationToken(app, gate);
    if ("refused" in answer) throw entraError(answer.refused, answer.context);
    opened = await open(answer.token);
  }
  return opened;
}

/** A page of the deployment that this visitor is shown and not everybody. */
function pageFor({ files }: Bundle, policy: CompiledPolicy, visitor: Visitor): string | undefined {
  const decide = createDecider(policy);
  const pages = files
    .filter(({ path }) => path.endsWith(".html") && !/^(_worker\.js|\.auth)\//.test(path))
    .map(({ path }) => `/${path.replace(/(^|\/)index\.html$/, "$1").replace(/\.html$/, "")}`);
  return pages.find((page) => {
    const reading = readPath(encodeURI(page));
    return decide(reading, visitor).allowed && !decide(reading).allowed;
  });
}

async function visit(
  { http }: Deps,
  session: MachineSession,
  page: string | undefined,
): Promise<string | undefined> {
  if (page === undefined) return undefined;
  const answer = await http.send({
    service: "The site",
    call: "HEAD a page with a session",
    method: "HEAD",
    url: session.origin + encodeURI(page),
    headers: { cookie: cookieHeader(session) },
  });
  const code = answer.headers[answerHeaders.code] ?? "";
  if (code !== "" || answer.headers["cf-mitigated"] !== undefined)
    throw sessionRefused({ ok: false, by: "site", code, status: answer.status }, session.origin + page);
  return page;
}

function rolesIn(token: string): readonly string[] {
  const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString() || "{}");
  const { roles } = claims as { roles?: unknown };
  return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}
