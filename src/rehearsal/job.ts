import type { Bundle, ProbeReport } from "../steps/types.ts";

/** What the action tells the process that rehearses; one JSON text on its standard input. */
export interface RehearsalJob {
  readonly bundle: Bundle;
  /** Folder that holds `node_modules/miniflare`. */
  readonly tools: string;
  /** dist/pages-runtime/asset-server.js. */
  readonly assetServer: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: RehearsalBindings;
  /** Milliseconds in which the worker has to be loaded. */
  readonly loading?: number;
  readonly card: CardJob;
}

/** What the deployment's environment holds for the site's code. */
export interface RehearsalBindings {
  /** Plain variables with their values; of a secret only the name is known, so it gets a stand-in. */
  readonly vars: Readonly<Record<string, string>>;
  /** Names of bindings; each is empty in a rehearsal. */
  readonly d1: readonly string[];
  readonly kv: readonly string[];
  readonly r2: readonly string[];
}

export interface CardJob {
  /** dist/card: worker.js and the modules that it imports. */
  readonly folder: string;
  /** Path of the picture to write. */
  readonly out: string;
  readonly text: CardText;
}

/** All that a link card says; nothing of the site's content. */
export interface CardText {
  readonly project: string;
  /** The site's name, where the policy gives it one. */
  readonly name?: string;
  readonly pullRequest?: number;
}

/** What comes back: one JSON text on standard output. */
export type RehearsalResult =
  | {
      readonly ok: true;
      readonly report: ProbeReport;
      readonly digest: string;
      /** Digest of each module that workerd was started with, by its path in the bundle. */
      readonly modules: Readonly<Record<string, string>>;
      readonly said: readonly string[];
    }
  | {
      readonly ok: false;
      /** The site's own code does not start; else the rehearsal itself went wrong. */
      readonly site: boolean;
      readonly message: string;
      readonly said: readonly string[];
    };
