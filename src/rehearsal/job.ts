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
  readonly card: CardJob;
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
  readonly pullRequest?: number;
}

/** What comes back: one JSON text on standard output. */
export type RehearsalResult =
  | {
      readonly ok: true;
      readonly report: ProbeReport;
      readonly digest: string;
      readonly said: readonly string[];
    }
  | { readonly ok: false; readonly message: string; readonly said: readonly string[] };
