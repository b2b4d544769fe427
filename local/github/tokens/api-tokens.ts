import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Account, Repository } from "../state/model.ts";
import type { Permissions } from "./permissions.ts";

/** Whom a token stands for. A job's reaches one repository; a person's, what the person may. */
export type Grant =
  | {
      readonly kind: "job";
      readonly repository: Repository;
      readonly permissions: Permissions;
      readonly account: Account;
    }
  | { readonly kind: "person"; readonly account: Account };

const day = 24 * 60 * 60 * 1000;

/** The tokens that the API accepts: a job's dies with the job, and after a day in any case. */
export class ApiTokens {
  readonly #clock: Clock;
  readonly #grants = new Map<string, { grant: Grant; expires: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(grant: Grant): string {
    const prefix = grant.kind === "job" ? "ghs_" : "ghp_";
    const token = prefix + randomBytes(27).toString("base64url").replace(/[-_]/g, "0");
    this.#grants.set(token, { grant, expires: this.#clock.now() + day });
    return token;
  }

  revoke(token: string): void {
    this.#grants.delete(token);
  }

  find(token: string): Grant | undefined {
    const found = this.#grants.get(token);
    return found !== undefined && found.expires > this.#clock.now() ? found.grant : undefined;
  }
}
