/** How bad a finding is: `open` shows content to the world, `wrong` breaks or weakens the gate, `soon` will. */
export type Severity = "open" | "wrong" | "soon";

/** Who can mend something, as the guides and the command name them. */
export type Who = "entra" | "cloudflare" | "github" | "developer";

/** One thing that isn't as it should be, found by `audit` or `doctor`. */
export interface Finding {
  /** stable, kebab-case; the same in the issue, in SARIF and in the evidence */
  code: string;
  severity: Severity;
  /** what it is about: a deployment's address, a project, an application, a credential's key id; no secret */
  subject: string;
  /** what was found, one sentence, plain text from outside already harmless */
  text: string;
  /** what to do: a command or a portal path */
  remedy: string;
  who: Who;
}

/** One thing that was looked at, with what came out: the lines of the evidence. */
export interface Check {
  code: string;
  subject: string;
  /** ISO 8601, UTC */
  at: string;
  findings: readonly Finding[];
  /** Set where it could not be looked at: nothing is known then, which is neither a finding nor its absence. */
  notChecked?: NotChecked;
}

/** Why something was not looked at, and who may change that. */
export interface NotChecked {
  /** what was answered instead; plain text, already harmless */
  why: string;
  /** the permission that is missing, and how it is granted */
  remedy: string;
  who: Who;
}
