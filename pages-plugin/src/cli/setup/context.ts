import type { Http } from "../../../../src/clients/http.ts";
import type { Logins } from "./login/logins.ts";
import type { SetupNames } from "./names.ts";
import type { Origins } from "./origins.ts";

/** What steps find out and later ones need. Ids and names; never a secret. */
export interface Facts {
  tenantId?: string;
  gateClientId?: string;
  /** Object id of the gate's service principal. */
  gatePrincipalId?: string;
  automationClientId?: string;
  automationPrincipalId?: string;
  testClientId?: string;
  testPrincipalId?: string;
  /** `sub` of GitHub's tokens, as GitHub names it. */
  subject?: string;
}

/** What a person decides, at the terminal or by flags. */
export interface SetupAsker {
  /** @throws CommandFault answer-missing without a terminal and without `--yes` */
  confirm(question: string): Promise<boolean>;
}

/** Everything that a step is given; nothing else is read from the machine. */
export interface SetupContext {
  readonly names: SetupNames;
  readonly origins: Origins;
  readonly logins: Logins;
  readonly http: Http;
  readonly facts: Facts;
  readonly ask: SetupAsker;
  /** Path of gate.json, which need not be there. */
  readonly policyFile: string;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
