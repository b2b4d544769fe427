import { createHash } from "node:crypto";
import { allRoutes, type WrappedFile, wrappedNames } from "../../contract/bundle/wrap.ts";
import { databaseSchema } from "../../contract/sites/row.ts";

/** What a deployment of the sign-in host is made of; when any of it differs, it is deployed anew. */
export interface HostIngredients {
  /** dist/gate/host.js. */
  readonly code: string;
  readonly plain: Readonly<Record<string, string>>;
  /** Names of its secrets, which say which keys those are. */
  readonly secretNames: readonly string[];
  readonly compatibilityDate: string;
  readonly databaseId: string;
}

/**
 * Names a deployment of the sign-in host by its content. Secrets' ids are among the plain variables; variables are
 * frozen into a deployment, so a changed one needs a new deployment.
 * @returns 32 hex digits
 */
export function hostDigest(ingredients: HostIngredients): string {
  const { code, plain, secretNames, compatibilityDate, databaseId } = ingredients;
  const sorted = Object.entries(plain).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const settings = [sorted, secretNames.toSorted(), compatibilityDate, databaseId, databaseSchema];
  const content = JSON.stringify([indexModule, code, settings]);
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}

const indexModule = [
  'import { createHostWorker } from "./gate.js";',
  'import config from "./config.js";',
  "export default createHostWorker(config);",
  "",
].join("\n");

/** The files of a sign-in host (docs/architecture.md, "A wrapped deployment"): no site, no assets but an empty 404. */
export function hostFiles(code: string, bundle: string): WrappedFile[] {
  return [
    { path: wrappedNames.index, text: indexModule },
    { path: wrappedNames.gate, text: code },
    { path: wrappedNames.config, text: `export default ${JSON.stringify({ bundle })};\n` },
    { path: wrappedNames.routes, text: allRoutes },
    { path: "404.html", text: "" },
  ];
}
