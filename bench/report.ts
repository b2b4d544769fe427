import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, type } from "node:os";
import { join } from "node:path";
import type { Figures } from "./figures.ts";

type Row = readonly [what: string, figure: string, goal?: string];

/** The figures as a table for people; a goal that was missed is marked. */
export function tableOf(figures: Figures, root: string): string {
  const spread = Math.max(figures.rules10Us, figures.rules100Us, figures.rules1000Us, figures.sessions1000Us);
  const least = Math.min(figures.rules10Us, figures.rules100Us, figures.rules1000Us, figures.sessions1000Us);
  const clock = figures.clock === "cpu" ? "processor time of workerd’s thread" : "wall clock";
  return [
    machine(root),
    "",
    `Microseconds a request (${clock}, medians), over the bare site:`,
    ...lines([
      ["site alone, nothing in front", us(figures.bareUs)],
      ["gate, session seen before", us(figures.memoUs), goal(figures.memoUs, 25)],
      ["gate, session seen first", us(figures.coldUs), goal(figures.coldUs, 110)],
      ["gate, put off until after the answer", us(figures.deferredUs), goal(figures.deferredUs, 20)],
      [
        "@hono/oidc-auth",
        us(figures.honoUs),
        `${times(figures.honoRatio)} the gate${least7(figures.honoRatio)}`,
      ],
      ["Cloudflare Access plugin", us(figures.accessUs), `${times(figures.accessRatio)} the gate`],
    ]),
    "",
    "The gate’s cost as policy and audience grow:",
    ...lines([
      ["10 rules, 1 visitor", us(figures.rules10Us)],
      ["100 rules", us(figures.rules100Us)],
      ["1,000 rules", us(figures.rules1000Us)],
      ["1,000 visitors in turn", us(figures.sessions1000Us)],
      ["largest to smallest", times(spread / least), goal(spread / least, 2)],
    ]),
    "",
    "Subrequests:",
    ...lines([
      ["signed in, warm", String(figures.signedInSubrequests), goal(figures.signedInSubrequests, 0)],
      ["a sign-in at the host, warm", String(figures.signInSubrequests), goal(figures.signInSubrequests, 1)],
    ]),
    "",
    "Bytes after gzip -9:",
    ...lines([
      ["in front of a wrapped site", bytes(figures.bundleGzip), goal(figures.bundleGzip, 22 * 1024)],
      [
        "plugin with wrangler’s router",
        bytes(figures.pluginBundleGzip),
        goal(figures.pluginBundleGzip, 22 * 1024),
      ],
      ["sign-in host", bytes(figures.hostBundleGzip)],
    ]),
  ].join("\n");
}

/** Processors, system and versions that the figures are of. */
export function machine(root: string): string {
  const require = createRequire(join(root, "package.json"));
  const versions = ["workerd", "@hono/oidc-auth", "@cloudflare/pages-plugin-cloudflare-access"].map(
    (name) => {
      const file = join(root, "node_modules", name, "package.json");
      return `${name} ${JSON.parse(readFileSync(require.resolve(file), "utf8")).version}`;
    },
  );
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model ?? "unknown processor"}, ${system()}, Node ${process.versions.node}, ${versions.join(", ")}`;
}

function system(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? type();
  } catch {
    return type();
  }
}

function lines(rows: readonly Row[]): string[] {
  return rows.map(([what, figure, aim = ""]) =>
    `  ${what.padEnd(38)}${figure.padStart(9)}   ${aim}`.trimEnd(),
  );
}

function goal(value: number, most: number): string {
  return `goal ≤ ${most.toLocaleString("en")}${value <= most ? "" : ", missed"}`;
}

function least7(ratio: number): string {
  return ratio >= 7 ? ", goal ≥ 7×" : ", goal ≥ 7×, missed";
}

function us(value: number): string {
  return value.toFixed(1);
}

function times(value: number): string {
  return `${value.toFixed(1)}×`;
}

function bytes(value: number): string {
  return value.toLocaleString("en");
}
