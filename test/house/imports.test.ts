import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** What each part of the house may import of the others, and which of Node and npm it may use. */
const allowed: Readonly<Record<string, { parts: readonly string[]; packages: (name: string) => boolean }>> = {
  contract: {
    parts: ["contract"],
    packages: (name) => name === "valibot" || name === "@valibot/to-json-schema" || name.startsWith("node:"),
  },
  gate: { parts: ["contract", "gate"], packages: (name) => name === "valibot" || name.startsWith("jose") },
  command: { parts: ["contract", "command"], packages: () => true },
  src: { parts: ["contract", "src"], packages: () => true },
};

/** Order of the gate's folders: each may import itself and what stands after it. */
const gateOrder = ["entries", "standalone", "site|host", "oidc|session", "audit", "http"];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function partOf(file: string): string {
  if (file.startsWith("pages-plugin/src/cli/")) return "command";
  if (file.startsWith("pages-plugin/")) return "gate";
  return file.split("/")[0] ?? "";
}

interface Import {
  readonly from: string;
  readonly target: string;
  readonly relative: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g,
  );
  return [...found].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    const isRelative = name.startsWith(".");
    return {
      from: file,
      target: isRelative ? relative(root, resolve(root, dirname(file), name)) : name,
      relative: isRelative,
    };
  });
}

const imports = [
  ...sources("contract"),
  ...sources("pages-plugin/src"),
  ...sources("pages-plugin/functions"),
  ...sources("src"),
].flatMap(importsOf);

describe("imports", () => {
  it("run one way: contract ← pages-plugin, contract ← src", () => {
    const wrong = imports
      .filter(
        ({ from, target, relative: inside }) =>
          inside &&
          !allowed[partOf(from)]?.parts.includes(partOf(target)) &&
          // `setup` speaks to the same services as the action, by the same clients.
          !(partOf(from) === "command" && /^src\/(clients\/|errors\.ts$)/.test(target)),
      )
      .map(({ from, target }) => `${from} → ${target}`);
    expect(wrong).toEqual([]);
    expect(imports.length).toBeGreaterThan(50);
  });

  it("take only the packages that a part may use", () => {
    const wrong = imports
      .filter(({ from, target, relative: inside }) => !inside && !allowed[partOf(from)]?.packages(target))
      .map(({ from, target }) => `${from} → ${target}`);
    expect(wrong).toEqual([]);
  });

  it("keep what only Node has out of the gate: contract/probes is the action's and the command's", () => {
    const wrong = imports.filter(
      ({ from, target }) => partOf(from) === "gate" && target.startsWith("contract/probes/"),
    );
    const inContract = imports.filter(
      ({ from, target }) =>
        from.startsWith("contract/") &&
        !from.startsWith("contract/probes/") &&
        (target.startsWith("node:") || target.startsWith("contract/probes/")),
    );
    expect([...wrong, ...inContract].map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
  });

  it("run downwards inside the gate", () => {
    const floor = (file: string): number => {
      const folder = file.split("/")[2] ?? "";
      return gateOrder.findIndex((names) => names.split("|").includes(folder));
    };
    const wrong = imports
      .filter(
        ({ from, target }) => from.startsWith("pages-plugin/src/") && target.startsWith("pages-plugin/src/"),
      )
      .filter(
        ({ from, target }) =>
          partOf(from) === "gate" &&
          (floor(target) < floor(from) ||
            (floor(target) === floor(from) &&
              target.split("/")[2] !== from.split("/")[2] &&
              floor(from) === 2)),
      )
      .map(({ from, target }) => `${from} → ${target}`);
    expect(wrong).toEqual([]);
  });

  it("make no circle", () => {
    const all = [...imports, ...sources("local").flatMap(importsOf), ...sources("bench").flatMap(importsOf)];
    const edges = new Map<string, string[]>();
    for (const { from, target, relative: inside } of all)
      if (inside) edges.set(from, [...(edges.get(from) ?? []), target]);
    const circles: string[] = [];
    const state = new Map<string, "open" | "done">();
    const visit = (file: string, trail: readonly string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
        return;
      }
      state.set(file, "open");
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      state.set(file, "done");
    };
    for (const file of edges.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});
