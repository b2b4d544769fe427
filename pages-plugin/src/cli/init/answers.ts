import type { Found } from "./detect.ts";

/** What `init` has to know before it can write anything; each has a flag, and a question where there is a terminal. */
export interface Answers {
  /**
   * Names and object ids of the groups whose people see previews; none: every member of the tenant. Where the id is
   * undefined, `setup` looks it up by the name.
   */
  readonly groups: Groups;
  readonly production: "open" | "closed";
  /** `owner/entra-gate@v1`, as `uses:` names it. */
  readonly action: string;
}

export type Groups = Readonly<Record<string, string | undefined>>;

/** The questions, in the order in which they are asked. */
export interface Asker {
  /**
   * Which folders of the repository are sites.
   * @param candidates what was found among its workspaces; undefined where it has none
   * @returns undefined where the folder that `init` runs in is the one site
   */
  sites(candidates: readonly Found[] | undefined): Promise<readonly string[] | undefined>;
  output(found: Found): Promise<string>;
  groups(): Promise<Groups>;
  production(): Promise<Answers["production"]>;
  action(): Promise<string>;
  /** Shows what will be written. */
  confirm(plan: string): Promise<boolean>;
}
