import type { Store } from "../state/store.ts";

/** What a route's handler works with. */
export interface Api {
  readonly store: Store;
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** An address of a stored file that needs no token and is good for a few minutes. */
  blobUrl(artifactId: number): string;
}
