import { tarEntries } from "../../contract/bundle/names.ts";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import type { ProbeRequest } from "../../contract/probes/client.ts";
import { disguises, linkPreview, preflight } from "../../contract/probes/disguises.ts";
import { spellings } from "../../contract/probes/spellings.ts";
import type { Bundle, BundleFile } from "../steps/types.ts";
import { kindOf, servingPath } from "./kinds.ts";
import type { PathRules } from "./public.ts";

/** One request and what its answer is compared with. */
export interface Probe extends ProbeRequest {
  readonly kind: string;
  readonly public: boolean;
  readonly sha256?: string;
  readonly odd: boolean;
  readonly card?: boolean;
  /** Goes with a forged session, which is made for each origin. */
  readonly forgesSession?: true;
}

/** Paths of a bundle that are not static files. */
export interface SitePaths {
  /** Routes of the compiled functions, as paths that one could ask for. */
  readonly functions: readonly string[];
  /** Sources of `_redirects`, likewise. */
  readonly redirects: readonly string[];
}

/** Static files asked for one by one; beyond that, as many of each kind as of every other. */
const filesAskedFor = 120;
/** How many different paths are asked for in every spelling and under every disguise. */
const examined = 6;
const configuration = ["_headers", "_redirects", wrappedNames.routes];

/**
 * Lists the requests that prove a deployment closed: every kind of file by four methods, examples of them in every
 * spelling and under every disguise, the build's former route excludes, redirects, functions, the worker's own
 * modules, and a path that does not exist.
 *
 * @param rules of the policy that the deployment was made with
 */
export function probesFor(bundle: Bundle, paths: SitePaths, rules: PathRules): Probe[] {
  const assets = bundle.files.filter(
    ({ path }) =>
      !path.startsWith("_worker.js/") && !configuration.includes(path) && path !== wrappedNames.card,
  );
  const probe = (kind: string, method: string, target: string, more: Partial<Probe> = {}): Probe => ({
    kind,
    method,
    target,
    headers: {},
    public: rules.admitsAnyone(target),
    odd: false,
    ...more,
  });
  const byKind = groupByKind(assets);
  const openPath = assets.map(({ path }) => servingPath(path)).find((path) => rules.admitsAnyone(path));
  const firsts = [...byKind].map(([kind, files]) => ({
    kind: kind as string,
    target: servingPath((files[0] as BundleFile).path),
  }));
  const others = [
    ...paths.functions.map((target) => ({ kind: "function", target })),
    ...paths.redirects.map((target) => ({ kind: "redirect", target })),
    ...formerExcludes(bundle, assets).map((target) => ({ kind: "former-exclude", target })),
    { kind: "nothing-there", target: `/entra-gate-probe-${bundle.id.slice(0, 8)}` },
    { kind: "root", target: "/" },
  ];
  const list: Probe[] = [];
  for (const file of spread(byKind, filesAskedFor)) list.push(...filePlainly(file, probe, rules));
  for (const { kind, target } of others) list.push(probe(kind, "GET", target));
  for (const { kind, target } of [...firsts, ...others.filter(({ kind }) => kind !== "root")]) {
    list.push(probe(kind, "HEAD", target), probe(kind, "POST", target), probe(kind, "OPTIONS", target));
  }
  const closed = [...firsts, ...others].filter(
    ({ target, kind }) => !rules.admitsAnyone(target) && kind !== "nothing-there",
  );
  for (const { target } of pick(closed, examined)) {
    for (const one of spellings(target, openPath === undefined ? undefined : folderOf(openPath))) {
      list.push(probe(`spelling:${one.kind}`, "GET", one.target, { odd: true }));
    }
  }
  for (const { target } of pick(closed, Math.ceil(examined / 2))) {
    for (const { kind, headers } of disguises(openPath ?? "/.well-known/x")) {
      const card = kind === linkPreview && bundle.config?.policy.card === true;
      list.push(probe(`disguise:${kind}`, "GET", target, { headers, odd: true, card }));
    }
    list.push(probe("disguise:preflight", "OPTIONS", target, { headers: preflight }));
    list.push(
      probe("disguise:forged-session", "GET", target, {
        headers: { "sec-fetch-site": "same-origin" },
        odd: true,
        forgesSession: true,
      }),
    );
  }
  for (const path of [
    "_worker.js",
    ...bundle.files
      .map((file) => file.path)
      .filter((path) => path.startsWith("_worker.js/"))
      .slice(0, 12),
    ...configuration,
    tarEntries.manifest,
  ]) {
    list.push(probe("worker-file", "GET", `/${path}`));
  }
  if (bundle.files.some(({ path }) => path === wrappedNames.card)) list.push(cardProbe(bundle));
  return unique(list);
}

type Make = (kind: string, method: string, target: string, more?: Partial<Probe>) => Probe;

function filePlainly(file: BundleFile, probe: Make, rules: PathRules): Probe[] {
  const kind = kindOf(file.path);
  const target = servingPath(file.path);
  const literal = `/${file.path.split("/").map(encodeURIComponent).join("/")}`;
  const mustBe = rules.admitsAnyone(target) && kind !== "not-found-page" ? { sha256: file.sha256 } : {};
  const plain = probe(kind, "GET", target, mustBe);
  return literal === target ? [plain] : [plain, probe(kind, "GET", literal)];
}

function cardProbe(bundle: Bundle): Probe {
  const sha256 = bundle.files.find(({ path }) => path === wrappedNames.card)?.sha256 ?? "";
  return {
    kind: "card",
    method: "GET",
    target: `/${wrappedNames.card}`,
    headers: {},
    public: true,
    sha256,
    odd: false,
  };
}

function groupByKind(files: readonly BundleFile[]): Map<string, BundleFile[]> {
  const groups = new Map<string, BundleFile[]>();
  for (const file of files) {
    const kind = kindOf(file.path);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [file]);
    else group.push(file);
  }
  return groups;
}

/** Takes one of each kind in turn until `limit` is reached or nothing is left. */
function spread(groups: ReadonlyMap<string, readonly BundleFile[]>, limit: number): BundleFile[] {
  const taken: BundleFile[] = [];
  const longest = Math.max(0, ...[...groups.values()].map((files) => files.length));
  for (let round = 0; round < longest && taken.length < limit; round += 1) {
    for (const files of groups.values()) {
      const file = files[round];
      if (file !== undefined && taken.length < limit) taken.push(file);
    }
  }
  return taken;
}

function pick<T>(list: readonly T[], count: number): T[] {
  return list.slice(0, count);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/entra-gate-probe";
}

/** Paths that the build's own `_routes.json` kept away from its functions: an example of each pattern, and the files. */
function formerExcludes(bundle: Bundle, assets: readonly BundleFile[]): string[] {
  const served = assets.map(({ path }) => servingPath(path));
  return (bundle.config?.staticPaths ?? []).flatMap((pattern) => {
    const prefix = pattern.split("*")[0] ?? "";
    return [
      pattern.replaceAll("*", "entra-gate-probe"),
      ...served.filter((path) => path.startsWith(prefix)).slice(0, 2),
    ];
  });
}

function unique(probes: readonly Probe[]): Probe[] {
  const seen = new Map<string, Probe>();
  for (const probe of probes) {
    const key = `${probe.method} ${probe.target} ${JSON.stringify(probe.headers)}`;
    if (!seen.has(key)) seen.set(key, probe);
  }
  return [...seen.values()];
}
