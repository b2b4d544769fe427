import * as v from "valibot";
import { type Command, commandNames } from "./command.ts";
import { ActionError } from "./errors.ts";
import { givenFor, mistakesOf, type Variables } from "./inputs-read.ts";
import { projectName, readSites, type SiteInputs } from "./inputs-sites.ts";

/** What the workflow asked for: checked, complete, never changed. Of several sites, it is about the first. */
export interface Inputs extends SiteInputs {
  /** Every site of the run. */
  readonly sites: readonly SiteInputs[];
  /** Absent where the event decides. */
  readonly command?: Command;
  readonly tenantId: string;
  /** Client id of the automation application, which GitHub's token is exchanged for. */
  readonly clientId: string;
  /** Client id of the gate application; absent where the action is to create it. */
  readonly gateClientId?: string;
  /** Client id of the test application, for a check from outside with a session. */
  readonly testClientId?: string;
  readonly signInHost: "own" | "use";
  readonly signInHostProject: string;
  /** What the sign-in host shows Entra. */
  readonly entraCredential: "secret" | "certificate" | "federated";
  /** Credential, signing and cookie keys are to be made anew, whatever their age. */
  readonly rotate: boolean;
  /** Cloudflare's own builds from Git are switched off. */
  readonly takeOver: boolean;
  /** Whether a commit of a fork can be approved by a label. */
  readonly forks: "never" | "label";
  readonly cloudflareApiToken: string;
  readonly cloudflareAccountId: string;
  readonly githubToken: string;
  /** Origin of Entra's sign-in endpoints. */
  readonly entraAuthority: string;
  /** Origin of Microsoft Graph. */
  readonly graphUrl: string;
}

/** Inputs whose values must never be seen; masked before anything else is looked at. */
const secretInputs = ["cloudflare-api-token", "github-token"] as const;

export const guid = v.pipe(
  v.string(),
  v.nonEmpty("is missing; give"),
  v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a GUID; give"),
  v.toLowerCase(),
);
export const serviceOrigin = v.pipe(
  v.string(),
  v.check(
    isServiceOrigin,
    "is not an origin with https (plain http is for .localhost and loopback only); give",
  ),
  v.transform((text) => new URL(text).origin),
);

const yesOrNo = v.pipe(
  v.picklist(["true", "false"], "is neither true nor false; give"),
  v.transform((text) => text === "true"),
);

const schema = v.object({
  "tenant-id": guid,
  "client-id": guid,
  "gate-client-id": v.union([v.literal(""), guid], "is not a GUID; give"),
  "test-client-id": v.union([v.literal(""), guid], "is not a GUID; give"),
  "sign-in-host": v.picklist(["own", "use"], "is neither own nor use; give"),
  "sign-in-host-project": projectName,
  forks: v.picklist(["never", "label"], "is neither never nor label; give"),
  "entra-credential": v.picklist(
    ["secret", "certificate", "federated"],
    "is none of secret, certificate and federated; give",
  ),
  rotate: yesOrNo,
  "take-over": yesOrNo,
  "cloudflare-api-token": v.pipe(
    v.string(),
    v.nonEmpty("is missing; give"),
    v.regex(/^[\x21-\x7e]+$/, "holds white space or odd characters; give"),
  ),
  "cloudflare-account-id": v.pipe(
    v.string(),
    v.nonEmpty("is missing; give"),
    v.regex(/^[0-9a-f]{32}$/, "is not 32 hex digits; give"),
  ),
  "github-token": v.pipe(v.string(), v.nonEmpty("is missing; give")),
  "entra-authority": serviceOrigin,
  "graph-url": serviceOrigin,
});

type InputName = keyof v.InferInput<typeof schema>;

const defaults: Readonly<Partial<Record<InputName, string>>> = {
  "sign-in-host": "own",
  forks: "never",
  "entra-credential": "secret",
  rotate: "false",
  "take-over": "false",
  "entra-authority": "https://login.microsoftonline.com",
  "graph-url": "https://graph.microsoft.com",
};

const remedies: Readonly<Record<InputName, string>> = {
  "tenant-id": "the Directory (tenant) ID from the Entra admin centre's overview",
  "client-id": "the Application (client) ID of the automation application",
  "gate-client-id": "the Application (client) ID of the gate application, or nothing to have it created",
  "test-client-id": "the Application (client) ID of the test application, or nothing",
  "sign-in-host": "own in the one repository that owns the sign-in host, use in all others",
  "sign-in-host-project":
    "the name of the Pages project that is the sign-in host; it is not the site's own project",
  forks: "never, or label where people with write access may approve a fork's commit",
  "entra-credential": "secret, certificate where the tenant forbids client secrets, or federated",
  "take-over": "true where this action is to deploy what Cloudflare built from Git until now; else nothing",
  rotate: "true once, by hand, to have credential and keys replaced; else nothing",
  "cloudflare-api-token": "a token with Pages·Edit and D1·Edit, from a secret of the environment entra-gate",
  "cloudflare-account-id": "the account's ID from the Cloudflare dashboard",
  "github-token": "nothing, so that the job's own token is used",
  "entra-authority": "an origin such as https://login.microsoftonline.com",
  "graph-url": "an origin such as https://graph.microsoft.com",
};

/**
 * Reads the `with:` of the step once. Secrets are masked before anything can go wrong with them.
 * @param env the process environment; input `x-y` stands in `INPUT_X-Y`
 * @param mask the runner's own masking
 * @throws ActionError inputs-invalid naming every mistake, command-unavailable
 */
export function readInputs(env: Variables, mask: (secret: string) => void): Inputs {
  for (const name of secretInputs) {
    const value = givenFor(env, name);
    if (value !== "") mask(value);
  }
  const raw = Object.fromEntries(
    Object.keys(schema.entries).map((name) => [
      name,
      givenFor(env, name) || (defaults[name as InputName] ?? ""),
    ]),
  );
  const parsed = v.safeParse(schema, raw);
  const given = givenFor(env, "command");
  const command = commandNames.find((name) => name === given);
  const { sites, mistakes: ofSites } = readSites(env);
  const mistakes = [...(parsed.success ? [] : mistakesOf(parsed.issues, remedies)), ...ofSites];
  if (given !== "" && command === undefined) {
    // Alone it has a code of its own; beside others it is one of them, so that all are told at once.
    if (mistakes.length === 0) throw new ActionError("command-unavailable", commandMistake(given));
    mistakes.unshift(commandMistake(given));
  }
  if (sites.some((site) => site.projectName === raw["sign-in-host-project"]))
    mistakes.push(
      `sign-in-host-project: is the site's own project; give ${remedies["sign-in-host-project"]}.`,
    );
  const [first] = sites;
  if (!parsed.success || first === undefined || mistakes.length > 0)
    throw new ActionError("inputs-invalid", mistakes.join("\n"));
  return Object.freeze({
    ...inputsOf(parsed.output),
    ...first,
    sites,
    ...(command === undefined ? {} : { command }),
  });
}

function inputsOf(input: v.InferOutput<typeof schema>): Omit<Inputs, keyof SiteInputs | "sites"> {
  return {
    tenantId: input["tenant-id"],
    clientId: input["client-id"],
    ...(input["gate-client-id"] === "" ? {} : { gateClientId: input["gate-client-id"] }),
    ...(input["test-client-id"] === "" ? {} : { testClientId: input["test-client-id"] }),
    signInHost: input["sign-in-host"],
    signInHostProject: input["sign-in-host-project"],
    forks: input.forks,
    entraCredential: input["entra-credential"],
    rotate: input.rotate,
    takeOver: input["take-over"],
    cloudflareApiToken: input["cloudflare-api-token"],
    cloudflareAccountId: input["cloudflare-account-id"],
    githubToken: input["github-token"],
    entraAuthority: input["entra-authority"],
    graphUrl: input["graph-url"],
  };
}

function commandMistake(command: string): string {
  return `command: ${JSON.stringify(command)} is not a command.`;
}

function isServiceOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "")
    return false;
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && /(^|\.)localhost$|^127\.|^\[::1\]$/.test(url.hostname);
}
