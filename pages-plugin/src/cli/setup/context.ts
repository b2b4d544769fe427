import type { Http } from "../../../../src/clients/http.ts";
import type { Logins } from "./login/logins.ts";
import type { SetupNames } from "./names.ts";
import type { Origins } from "./origins.ts";

/** What steps find out and later ones need. Ids and names; never a secret. */
export interface Facts {
  tenantId?: string;
  gateClientId?: string;
  automationClientId?: string;
  /** Object id of the automation's service principal. */
  automationPrincipalId?: string;
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
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
