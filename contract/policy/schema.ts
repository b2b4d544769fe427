import * as v from "valibot";
import { problemText } from "./problem.ts";
import { rulePathProblem } from "./rule-path.ts";

/** So many groups fit into a session cookie beside everything else. */
export const mostGroups = 50;

const day = 86_400;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: day };

/** A duration as text ("15m", "8h", "14d"), read as seconds. */
function duration(least: number, most: number, range: string) {
  return v.pipe(
    v.string(),
    v.regex(
      /^[1-9]\d{0,6}[smhd]$/,
      problemText("is no duration", 'write a number and s, m, h or d: "8h", "14d"'),
    ),
    v.transform((text) => Number(text.slice(0, -1)) * (unitSeconds[text.slice(-1)] ?? 0)),
    v.check(
      (seconds) => seconds >= least && seconds <= most,
      problemText("is out of range", `write ${range}`),
    ),
  );
}

const guid = v.pipe(
  v.string(),
  v.regex(
    /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    problemText(
      "is no GUID",
      "write the object id (for apps: the client id) as the Entra admin center shows it",
    ),
  ),
  v.toLowerCase(),
);

const groupName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    problemText("is no usable group name", "use up to 64 letters, digits, '.', '_' and '-'"),
  ),
);

/** @see learn.microsoft.com, Graph resource type appRole, `value`; the comma is left out: headers list roles with it. */
const role = v.pipe(
  v.string(),
  v.regex(
    /^(?!\.)[A-Za-z0-9:!#$%&'()*+./;<=>?@[\]^_`{|}~-]{1,120}$/,
    problemText(
      "is no usable role value",
      "use up to 120 visible ASCII characters, no space, comma, quote or backslash",
    ),
  ),
);

const roles = v.pipe(
  v.array(role),
  v.description("Values of the app roles that rules name; Entra is brought to have them."),
);

const allowList = v.strictObject({
  groups: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Names from the policy's own list of groups.")),
  ),
  roles: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Values from the policy's own list of roles.")),
  ),
  apps: v.exactOptional(v.pipe(v.array(guid), v.description("Client ids of applications."))),
});

const asList = v.strictObject({
  groups: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Names of groups that the visitor is in.")),
  ),
  roles: v.exactOptional(v.pipe(v.array(v.string()), v.description("Roles that the visitor has."))),
  app: v.exactOptional(v.pipe(guid, v.description("Client id: an application asks, not a user."))),
});

const allow = v.pipe(
  v.union([v.picklist(["anyone", "members", "guests"]), allowList]),
  v.description(
    "Who is let in: anyone (also without signing in), members (users of the tenant that are no guests), guests, or any of the named groups, roles and apps.",
  ),
);

const rule = v.strictObject({
  path: v.pipe(
    v.string(),
    v.check(
      (path) => rulePathProblem(path) === undefined,
      (issue) => rulePathProblem(issue.input) ?? "",
    ),
    v.description('One page ("/about") or everything at and below a path ("/admin/*", "/*").'),
  ),
  allow,
  signedInWithin: v.exactOptional(
    v.pipe(
      duration(60, day, "between 1m and 24h"),
      v.description(
        'How long ago the visitor may have proved to Microsoft who he is: "15m". Else he is asked again.',
      ),
    ),
  ),
  authContext: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(
        /^c[1-9]\d?$/,
        problemText(
          "is no authentication context",
          'write its id, "c1" to "c99", as the Entra admin center shows it',
        ),
      ),
      v.description(
        "Conditional Access authentication context that the visitor must have met (needs Entra ID P1).",
      ),
    ),
  ),
});

const environment = v.strictObject({
  rules: v.pipe(v.array(rule), v.description("The first rule whose path matches decides. No rule: denied.")),
});

const preview = v.strictObject({
  ...environment.entries,
  expires: v.exactOptional(
    v.pipe(
      duration(3600, 365 * day, "between 1h and 365d"),
      v.description('Time from its deployment after which a preview answers nobody: "14d".'),
    ),
  ),
});

const test = v.strictObject({
  in: v.pipe(v.picklist(["preview", "production"]), v.description("Environment whose rules are asked.")),
  as: v.pipe(
    v.optional(v.union([v.picklist(["anyone", "members", "guests"]), asList]), "anyone"),
    v.description(
      "Who asks: anyone (not signed in), a member, a guest, or a member or an app that has all of these.",
    ),
  ),
  get: v.pipe(
    v.string(),
    v.regex(/^\/(?!\/)/, problemText("is no path", 'write it as in a request: "/admin/"')),
    v.description("Path of the request, as a browser would send it."),
  ),
  expect: v.picklist(["allow", "deny"]),
});

const session = v.strictObject({
  lifetime: v.pipe(
    v.optional(duration(300, 30 * day, "between 5m and 30d"), "8h"),
    v.description('Time from sign-in to the end of a session: "8h".'),
  ),
  recheck: v.pipe(
    v.optional(duration(60, day, "between 1m and 24h"), "1h"),
    v.description('Time after which groups, roles and account are asked for again: "1h".'),
  ),
});

const viewers = v.strictObject({
  groups: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Names from the policy's own list of groups.")),
  ),
  roles: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Values from the policy's own list of roles.")),
  ),
});

const audit = v.strictObject({
  keep: v.exactOptional(
    v.pipe(
      duration(day, 3650 * day, "between 1d and 3650d"),
      v.description(
        'Time that the sign-in host keeps this site\'s audit events: "90d", which is also what applies where nothing is said.',
      ),
    ),
  ),
  viewers: v.exactOptional(
    v.pipe(
      viewers,
      v.description(
        "Who may look at this site's audit events on the sign-in host's page /.auth/audit: any of these. Nobody where nothing is said.",
      ),
    ),
  ),
});

/** gate.json: who may see what, per environment. Types and gate.schema.json come from here. */
export const policySchema = v.strictObject({
  $schema: v.exactOptional(v.string()),
  groups: v.pipe(
    v.optional(v.record(groupName, guid), {}),
    v.check(
      (groups) => Object.keys(groups).length <= mostGroups,
      problemText(
        `names more than ${mostGroups} groups`,
        "use app roles, or one group that contains the others",
      ),
    ),
    v.description("Names for the Entra security groups that rules mention, with their object ids."),
  ),
  roles: v.optional(roles, []),
  session: v.optional(session, {}),
  audit: v.exactOptional(audit),
  preview: v.exactOptional(v.pipe(preview, v.description("Rules of every preview deployment."))),
  production: v.exactOptional(
    v.pipe(
      v.union([v.literal("open"), environment]),
      v.description('Rules of the production deployment, or "open": not gated at all.'),
    ),
  ),
  contact: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?=\S)[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,200}$/u,
        problemText(
          "is no usable contact",
          "write up to 200 visible characters: a name, an address, a channel",
        ),
      ),
      v.description("Whom people ask who are signed in and not let in; shown to them as it stands."),
    ),
  ),
  tests: v.pipe(
    v.optional(v.array(test), []),
    v.description("Requests whose outcome must be as it says here."),
  ),
});

/** A policy that was found valid: names still as written, ids in lower case, durations in seconds. */
export type Policy = v.InferOutput<typeof policySchema>;
export type PolicyAllow = v.InferOutput<typeof allow>;
export type PolicyTest = v.InferOutput<typeof test>;
