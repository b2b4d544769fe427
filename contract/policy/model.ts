/** The environments that Cloudflare Pages knows; there are only these two. */
export type Environment = "preview" | "production";

/** What a verified visitor is. A missing claim makes `unknown`, which only `groups` and `roles` can admit. */
export type VisitorKind = "user" | "guest" | "app" | "unknown";

/** A verified identity, reduced to what decisions may rest on. Never an e-mail address or a login name. */
export interface Visitor {
  readonly kind: VisitorKind;
  /** Tenant id, lower-case GUID. */
  readonly tid: string;
  /** Object id, lower-case GUID. */
  readonly oid: string;
  /** Display name: shown and handed to the site, never compared. */
  readonly name: string;
  /** Object ids of groups, lower case; only those that the site's policy names. */
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** Client id, for `kind: "app"`. */
  readonly app?: string;
  /** Scopes (`scp`) where an application asked for the user with an access token; absent for a browser's sign-in. */
  readonly scopes?: readonly string[];
  /** When the visitor last proved who he is, in seconds since 1970; 0 where Entra doesn't say. */
  readonly authTime?: number;
  /** Authentication contexts met (`acrs`). */
  readonly acrs?: readonly string[];
}

/** Who a rule lets in, after names were replaced by object ids. Every list is "any of these". */
export interface CompiledAllow {
  readonly anyone: boolean;
  readonly members: boolean;
  readonly guests: boolean;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly apps: readonly string[];
  /** Absent: none. */
  readonly scopes?: readonly string[];
}

/** What a rule wants beyond who the visitor is; met by a sign-in of its own. */
export interface StepUp {
  /** Seconds since the visitor last proved who he is (`auth_time`). */
  readonly signedInWithin?: number;
  /** Authentication context (`acrs`). */
  readonly authContext?: string;
}

/** Which other origins' scripts may ask for what a rule covers. */
export interface CompiledCors {
  /** As browsers serialise them. */
  readonly origins: readonly string[];
  /** The visitor's session counts for them. */
  readonly credentials: boolean;
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  /** Seconds that a browser may remember a preflight's answer. */
  readonly maxAge?: number;
}

export interface CompiledRule extends StepUp {
  /** Where it stands in gate.json: `preview.rules[2]`. */
  readonly id: string;
  /** As written: `/admin/*`. */
  readonly path: string;
  readonly allow: CompiledAllow;
  readonly cors?: CompiledCors;
}

/** One environment of a policy in the form that the gate evaluates and that is baked into a deployment. */
export interface CompiledPolicy {
  readonly environment: Environment;
  /** SHA-256 of the canonical JSON of the whole policy, first 32 hex digits. */
  readonly digest: string;
  /** `production: "open"`: not gated at all. */
  readonly open: boolean;
  /** `mode: "report"`: what the rules would deny is logged and let through. */
  readonly report?: boolean;
  readonly rules: readonly CompiledRule[];
  /** Names of the groups that `rules` mention, by object id. */
  readonly groupNames: Readonly<Record<string, string>>;
  /** Seconds from sign-in to the end of a session. */
  readonly lifetime: number;
  /** Seconds after which claims are asked for again. */
  readonly recheck: number;
  /** Seconds that a preview lives, from its deployment; a gate that isn't told when that was stays closed. */
  readonly expires?: number;
  /** Whom to ask who is signed in and not let in: text, shown as it is. */
  readonly contact?: string;
  /** Name of the site: text, shown as it is. */
  readonly name?: string;
  /** Link-preview fetchers get the sign-in page with 200. */
  readonly card?: boolean;
  /** Access tokens of Entra are taken directly. */
  readonly bearer?: boolean;
}

/** The union of all `allow`s of one environment but `anyone`: who may get a ticket for it at all. */
export interface Entry extends CompiledAllow {
  readonly environment: Environment;
  readonly digest: string;
  readonly lifetime: number;
  readonly recheck: number;
  readonly groupNames: Readonly<Record<string, string>>;
  readonly contact?: string;
  readonly name?: string;
  /** `mode: "report"`: every user of the tenant may have a ticket. */
  readonly report?: boolean;
  /** Step-ups that rules name; others that a site asks for are not honoured. */
  readonly stepUp?: { readonly within: readonly number[]; readonly contexts: readonly string[] };
}

export type Denial = "no-rule" | "sign-in" | "not-admitted" | "step-up" | "ambiguous-path";

/** What a policy says about one request. `rule` is absent where no rule matched. */
export type Decision =
  | {
      readonly allowed: true;
      readonly rule: string;
      readonly reason:
        | "anyone"
        | "members"
        | "guests"
        | "group"
        | "role"
        | "app"
        | "scope"
        | "open"
        | "preflight";
    }
  | {
      /** `mode: "report"`: `denied` is why the rules would have said no. */
      readonly allowed: true;
      readonly rule?: string;
      readonly reason: "report";
      readonly denied: Denial;
    }
  | { readonly allowed: false; readonly rule?: string; readonly reason: Denial };
