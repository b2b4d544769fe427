import { readFileSync } from "node:fs";
import sodium from "libsodium-wrappers";
import { nodeTransport } from "../../../src/clients/transport.ts";
import { allow, program, readWords, variable } from "./words.ts";

/**
 * GitHub's CLI: the commands that the pages and the printed script use, as calls to the API at GITHUB_API_URL with the login
 * in GH_LOGIN. Source: cli.github.com/manual.
 */
const { words, options, option } = readWords(process.argv.slice(2));
const [noun = "", verb = "", name = ""] = words;

async function api(method: string, path: string, body?: unknown): Promise<{ status: number; data: unknown }> {
  const answer = await nodeTransport({
    method,
    url: new URL(`${variable("GITHUB_API_URL")}/${path}`),
    headers: {
      authorization: `token ${variable("GH_LOGIN")}`,
      accept: "application/vnd.github+json",
      "user-agent": "GitHub CLI",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeout: 10_000,
    maxBytes: 1 << 20,
  });
  const text = new TextDecoder().decode(answer.body);
  return { status: answer.status, data: text === "" ? undefined : JSON.parse(text) };
}

async function must(method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, data } = await api(method, path, body);
  if (status >= 400) throw new Error(`${JSON.stringify(data)} (HTTP ${status})`);
  return data;
}

/** `a[b]=c` is nested; `--field` reads true, false and numbers as such, `--raw-field` nothing. */
function fields(): Record<string, unknown> | undefined {
  const body: Record<string, unknown> = {};
  for (const [kind, text] of options.filter(([each]) => each === "field" || each === "raw-field")) {
    const [, key = "", inner, value = ""] = /^(\w+)(?:\[(\w+)\])?=([\s\S]*)$/.exec(text) ?? [];
    const typed = kind === "field" && /^(true|false|\d+)$/.test(value) ? JSON.parse(value) : value;
    if (inner === undefined) body[key] = typed;
    else body[key] = { ...(body[key] as object | undefined), [inner]: typed };
  }
  return Object.keys(body).length === 0 ? undefined : body;
}

function environment(): string {
  return `repos/${option("repo")}/environments/${option("env")}`;
}

const commands: Readonly<Record<string, readonly [known: string, work: () => Promise<string>]>> = {
  "auth login": ["", async () => ""],
  "auth token": ["", async () => variable("GH_LOGIN")],
  "pr create": ["fill", async () => ""],
  api: [
    "method field raw-field jq",
    async () => {
      const data = await must(option("method") ?? "GET", verb, fields());
      const wanted = /^\.(\w+) \/\/ error\("unknown"\)$/.exec(option("jq") ?? "")?.[1];
      if (wanted === undefined) return JSON.stringify(data);
      const value = (data as Record<string, unknown>)[wanted];
      if (value == null) throw new Error("jq: error: unknown");
      return String(value);
    },
  ],
  "variable set": [
    "env repo body",
    async () => {
      const value = option("body") ?? "";
      const made = await api("POST", `${environment()}/variables`, { name, value });
      if (made.status === 409) await must("PATCH", `${environment()}/variables/${name}`, { name, value });
      else if (made.status >= 400) throw new Error(`HTTP ${made.status}`);
      return "";
    },
  ],
  "secret set": [
    "env repo",
    async () => {
      await sodium.ready;
      const base64 = sodium.base64_variants.ORIGINAL;
      const { key, key_id } = (await must("GET", `${environment()}/secrets/public-key`)) as {
        key: string;
        key_id: string;
      };
      const sealed = sodium.crypto_box_seal(readFileSync(0, "utf8"), sodium.from_base64(key, base64));
      const encrypted_value = sodium.to_base64(sealed, base64);
      await must("PUT", `${environment()}/secrets/${name}`, { encrypted_value, key_id });
      return "";
    },
  ],
};

await program(async () => {
  const command = commands[`${noun} ${verb}`] ?? commands[noun];
  if (command === undefined) throw new Error(`unknown command "${words.join(" ")}" for "gh"`);
  allow(options, command[0]);
  return command[1]();
});
