import { setTimeout as wait } from "node:timers/promises";
import { nodeTransport } from "../../../src/clients/transport.ts";
import { allow, program, readWords, variable } from "./words.ts";

/**
 * The Azure CLI's commands that the pages and the printed script use, as calls to the Graph at GRAPH_URL with the login in
 * AZ_LOGIN. Source: learn.microsoft.com/cli/azure/ad.
 */
const { words, options, option } = readWords(process.argv.slice(2));
const wanted = (name: string) => option(name) ?? fail(`the following arguments are required: --${name}`);

// biome-ignore lint/suspicious/noExplicitAny: answers of Graph, of which each command knows what it wants
type Json = any;

function fail(message: string): never {
  throw new Error(message);
}

async function graph(method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await nodeTransport({
    method,
    url: new URL(`${variable("GRAPH_URL")}/v1.0${path}`),
    headers: { authorization: `Bearer ${variable("AZ_LOGIN")}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeout: 10_000,
    maxBytes: 1 << 20,
  });
  const text = new TextDecoder().decode(answer.body);
  const failed = answer.status >= 400;
  if (failed)
    throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), { status: answer.status });
  return text === "" ? undefined : JSON.parse(text);
}

/** What was made a moment ago may not be seen yet: az asks again, too. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const { status } = error as { status?: number };
      if ((status !== 404 && status !== 400) || attempt === 20) throw error;
      await wait(100);
    }
  }
}

const application = (appId: string) => again(() => graph("GET", `/applications(appId='${appId}')`));
const principal = (appId: string) => again(() => graph("GET", `/servicePrincipals(appId='${appId}')`));
const post = (path: string, body: unknown) => again(() => graph("POST", path, body));

const commands: Readonly<Record<string, readonly [known: string, work: () => Promise<Json>]>> = {
  login: ["tenant", async () => undefined],
  "account get-access-token": ["resource query output", async () => ({ accessToken: variable("AZ_LOGIN") })],
  "account show": [
    "query output",
    async () => ({ tenantId: (await graph("GET", "/organization?$select=id")).value[0].id }),
  ],
  "ad app create": [
    "display-name sign-in-audience enable-id-token-issuance enable-access-token-issuance query output",
    () =>
      graph("POST", "/applications", {
        displayName: wanted("display-name"),
        signInAudience: option("sign-in-audience") ?? "AzureADMyOrg",
        web: {
          implicitGrantSettings: {
            enableIdTokenIssuance: option("enable-id-token-issuance") === "true",
            enableAccessTokenIssuance: option("enable-access-token-issuance") === "true",
          },
        },
      }),
  ],
  "ad sp create": ["id", () => post("/servicePrincipals", { appId: wanted("id") })],
  "ad sp show": ["id query output", () => principal(wanted("id"))],
  "ad app federated-credential create": [
    "id parameters",
    async () =>
      post(
        `/applications/${(await application(wanted("id"))).id}/federatedIdentityCredentials`,
        JSON.parse(wanted("parameters")),
      ),
  ],
  "ad app owner add": [
    "id owner-object-id",
    async () =>
      post(`/applications/${(await application(wanted("id"))).id}/owners/$ref`, {
        "@odata.id": `${variable("GRAPH_URL")}/v1.0/directoryObjects/${wanted("owner-object-id")}`,
      }),
  ],
  rest: [
    "method url body",
    () => {
      const here = (text: string) => text.replaceAll("https://graph.microsoft.com", variable("GRAPH_URL"));
      const path = here(wanted("url")).replace(`${variable("GRAPH_URL")}/v1.0`, "");
      return again(() => graph(wanted("method"), path, JSON.parse(here(wanted("body")))));
    },
  ],
  "ad group list": [
    "filter query output",
    async () => (await graph("GET", `/groups?$filter=${encodeURIComponent(wanted("filter"))}`)).value,
  ],
  "ad app permission add": [
    "id api api-permissions",
    async () => {
      const { id, requiredResourceAccess } = await application(wanted("id"));
      const [permission, type] = wanted("api-permissions").split("=");
      const access = { resourceAppId: wanted("api"), resourceAccess: [{ id: permission, type }] };
      return graph("PATCH", `/applications/${id}`, {
        requiredResourceAccess: [...requiredResourceAccess, access],
      });
    },
  ],
  "ad app permission grant": [
    "id api scope",
    async () =>
      post("/oauth2PermissionGrants", {
        clientId: (await principal(wanted("id"))).id,
        consentType: "AllPrincipals",
        resourceId: (await principal(wanted("api"))).id,
        scope: wanted("scope"),
      }),
  ],
};

await program(async () => {
  const [known, work] = commands[words.join(" ")] ?? fail(`${words.join(" ")} is no command here`);
  allow(options, known);
  const answer = await work();
  const query = option("query");
  if (query === undefined) return answer === undefined ? "" : JSON.stringify(answer);
  const list = /^\[\]\.(\w+)$/.exec(query)?.[1];
  return list === undefined ? String(answer[query]) : answer.map((one: Json) => one[list]).join("\n");
});
