import { demo } from "../world/demo.ts";
import type { World } from "../world/world.ts";
import type { FaultName } from "./options.ts";

/** What the stand-ins are told to do wrong. Whoever proves that a preview is closed has to notice each of them. */
export const inject: Readonly<Record<FaultName, (world: World) => Promise<void> | void>> = {
  /** Cloudflare serves one folder of the preview without asking the worker. */
  "asset-past-worker": ({ cloudflare }) => cloudflare.bypassWorker(demo.project, "/docs/*", "preview"),
  /** Cloudflare serves the preview's files as if no worker had been uploaded. */
  "gate-missing": ({ cloudflare }) => cloudflare.dropWorker(demo.project, "preview"),
  /** Entra's ID tokens are signed by a key that is not Entra's, under the id of one that is. */
  "foreign-key": ({ entra }) => entra.signWithForeignKey(),
  /** Entra says of somebody who is in no group that he is a reviewer. */
  "outsider-admitted": ({ entra }) => {
    const { people, groups } = entra.cast;
    entra.directory.users.set(people.outsider.oid, { ...people.outsider, groups: [groups.reviewers.id] });
  },
};
