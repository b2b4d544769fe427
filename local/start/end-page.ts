import { hostEndpoints } from "../../contract/names/endpoints.ts";
import { demo } from "../world/demo.ts";
import type { World } from "../world/world.ts";
import { type Deployed, type Preview, previewProbes } from "./scenario.ts";

/** What the demo ends on: where to look, and whom to look as. */
export interface EndPage {
  readonly places: readonly Place[];
  readonly people: readonly Someone[];
  readonly deployments: readonly Checked[];
  /** The action's evidence files. */
  readonly evidence: readonly { readonly name: string; readonly what: string; readonly text: string }[];
  /** Where this world keeps its things, the call log (`calls.ndjson`) among them. */
  readonly folder: string;
  /** The world has ended: its addresses answer no more. */
  readonly over?: boolean;
}

export interface Place {
  readonly name: string;
  readonly url: string;
  readonly what: string;
}

/** A person of the cast. */
export interface Someone {
  readonly name: string;
  readonly who: string;
  readonly sees: string;
}

/** A deployment, and what the stand-ins saw of the outside check. */
export interface Checked {
  readonly name: string;
  readonly gated: boolean;
  /** Requests that the check made, and how many of them were answered with content; undefined where it is not counted. */
  readonly probes?: { readonly total: number; readonly open: number };
}

export function endPage(world: World, production: Deployed, preview: Preview): EndPage {
  const signInHost = `http://${world.cloudflare.project(demo.signInHostProject)?.subdomain}`;
  const { admin } = world.entra.cast.people;
  return {
    folder: world.folder,
    places: [
      { name: "The preview", url: preview.alias, what: "the pull request's deployment, behind the gate" },
      {
        name: "Its office",
        url: `${preview.alias}/admin/`,
        what: "a part of it that a rule keeps for Site.Admin",
      },
      {
        name: "Production",
        url: production.alias || production.url,
        what: "the default branch's deployment, behind the gate, too",
      },
      { name: "The comment", url: preview.comment, what: "what the action left on the pull request" },
      {
        name: "The audit page",
        url: signInHost + hostEndpoints.audit,
        what: `who saw what, and who was refused: sign in as ${admin.name}`,
      },
    ],
    people: cast(world),
    deployments: [
      { name: "Production", gated: production.gated },
      { name: "The preview", gated: preview.gated, probes: previewProbes(preview) },
    ],
    evidence: [
      {
        name: "evidence-preview.json",
        what: "what the action did and checked of the preview",
        text: preview.evidence,
      },
      {
        name: "evidence-production.json",
        what: "of production, and what it changed at Entra and Cloudflare",
        text: production.evidence,
      },
    ].filter(({ text }) => text !== ""),
  };
}

function cast({ entra }: World): Someone[] {
  const { reviewer, admin, outsider, guest, manyGroups, disabled } = entra.cast.people;
  return [
    {
      name: reviewer.name,
      who: "in the group reviewers",
      sees: "sees the preview and production, but not /admin/",
    },
    {
      name: admin.name,
      who: "in the group platform, with the role Site.Admin",
      sees: "sees /admin/, too, and the audit page",
    },
    { name: outsider.name, who: "member of the tenant, in no group", sees: "is refused at the sign-in host" },
    { name: guest.name, who: "guest of the tenant", sees: "is refused at the sign-in host" },
    {
      name: manyGroups.name,
      who: "in reviewers and 249 more groups, too many for a token",
      sees: "sees what a reviewer sees; Graph is asked",
    },
    { name: disabled.name, who: "account disabled", sees: "is refused by Entra itself" },
  ];
}
