import type { Service } from "../call-log.ts";
import type { World } from "../world/world.ts";
import { type Deployed, previewProbes } from "./scenario.ts";
import type { SignInResult } from "./sign-ins.ts";

/** What `--json` prints: every figure counted from what the stand-ins saw. */
export interface StartResult {
  readonly production: { readonly url: string; readonly gated: boolean };
  readonly preview: {
    readonly url: string;
    readonly alias: string;
    readonly gated: boolean;
    readonly probes: { readonly total: number; readonly open: number };
  };
  readonly signIns: readonly SignInResult[];
  readonly audit: { readonly events: number };
  readonly calls: Readonly<Record<"entra" | "graph" | "cloudflare" | "github", number>>;
  readonly seconds: number;
  /** File of the page that the demo ends on, the evidence files beside it; the call log is in the same folder. */
  readonly page: string;
}

interface Ran {
  readonly production: Deployed;
  readonly preview: Deployed;
  readonly signIns: readonly SignInResult[];
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly page: string;
}

/** Fewer requests than this do not show that a preview is closed. */
const fewestProbes = 20;

export function resultOf(world: World, { production, preview, signIns, began, page }: Ran): StartResult {
  const count = (service: Service) => world.log.count(service);
  const probes = previewProbes(preview);
  return {
    production: { url: production.alias || production.url, gated: production.gated },
    preview: { url: preview.url, alias: preview.alias, gated: preview.gated && probes.open === 0, probes },
    signIns,
    audit: { events: world.cloudflare.consoleLines.filter(({ line }) => isAuditEvent(line)).length },
    calls: {
      entra: count("entra"),
      graph: count("graph"),
      cloudflare: count("cloudflare"),
      github: count("github"),
    },
    seconds: Math.round((Date.now() - began) / 100) / 10,
    page,
  };
}

/** Whether everything that the demo shows was so. */
export function allHeld({ production, preview, signIns, audit }: StartResult): boolean {
  return (
    production.gated &&
    preview.gated &&
    preview.probes.total >= fewestProbes &&
    preview.probes.open === 0 &&
    signIns.length > 0 &&
    signIns.every(({ status, expected }) => status === expected) &&
    audit.events > 0
  );
}

/** OCSF events are the JSON lines with a class. */
function isAuditEvent(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    return typeof (JSON.parse(line) as { class_uid?: unknown }).class_uid === "number";
  } catch {
    return false;
  }
}
