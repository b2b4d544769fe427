import * as v from "valibot";
import { day, mostGroups, patterns } from "./patterns.ts";
import { problemText } from "./problem.ts";
import { rulePathProblem } from "./rule-path.ts";
import { cors } from "./schema-cors.ts";
import { duration, groupName, guid, role, scope, shownText } from "./schema-values.ts";

const roles = v.pipe(
  v.optional(v.array(role), []),
  v.description("Values of the app roles that rules name; Entra is brought to have them."),
);

const allowList = v.strictObject({
  groups: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Names from the policy's own list of groups.")),
  ),
  roles: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Values from the policy's own list of roles.")),
  ),
  apps: v.exactOptional(
    v.pipe(v.array(guid), v.description("Client ids of applications that ask for themselves.")),
  ),
  scopes: v.exactOptional(
    v.pipe(
      v.array(scope),
      v.description(
        "Scopes (scp) of an access token with which an application asks for a user. Such a token is let in by nothing else.",
      ),
    ),
  ),
});

const asList = v.strictObject({
  groups: v.exactOptional(
    v.pipe(v.array(v.string()), v.description("Names of groups that the visitor is in.")),
  ),
  roles: v.exactOptional(v.pipe(v.array(v.string()), v.description("Roles that the visitor has."))),
  app: v.exactOptional(v.pipe(guid, v.description("Client id: an application asks, not a user."))),
  scopes: v.exactOptional(
    v.pipe(
      v.array(scope),
      v.description("Scopes of the access token with which an application asks for the user."),
    ),
  ),
});

const allow = v.pipe(
  v.union([v.picklist(["anyone", "members", "guests"]), allowList]),
  v.description(
    "Who is let in: anyone (also without signing in), members (users of the tenant that are no guests), guests, or any of the named groups, roles, apps and scopes.",
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
    duration(
      60,
      day,
      "between 1m and 24h",
      "How long ago the visitor may have proved to Microsoft who he is. Else he is asked again.",
    ),
  ),
  authContext: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(
        patterns.authContext,
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
  cors: v.exactOptional(cors),
});

const environment = v.strictObject({
  mode: v.exactOptional(
    v.pipe(
      v.literal("report"),
      v.description(
        'With "report" nothing is closed: what the rules would deny is let through and logged. Only the default branch\'s policy can say so.',
      ),
    ),
  ),
  rules: v.pipe(v.array(rule), v.description("The first rule whose path matches decides. No rule: denied.")),
});

const preview = v.strictObject({
  ...environment.entries,
  expires: v.exactOptional(
    duration(
      3600,
      365 * day,
      "between 1h and 365d",
      "Time from its deployment after which a preview answers nobody.",
    ),
  ),
  card: v.exactOptional(
    v.pipe(
      v.boolean(),
      v.description(
        "Programs that fetch a page to show a link get the sign-in page with its card, with status 200.",
      ),
    ),
  ),
});

const production = v.strictObject({
  ...environment.entries,
  bearer: v.exactOptional(
    v.pipe(
      v.boolean(),
      v.description(
        "Access tokens of Entra for the gate's application are taken directly (Authorization: Bearer).",
      ),
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
    v.regex(patterns.testPath, problemText("is no path", 'write it as in a request: "/admin/"')),
    v.description("Path of the request, as a browser would send it."),
  ),
  expect: v.pipe(v.picklist(["allow", "deny"]), v.description("What the rules must say.")),
});

const session = v.strictObject({
  lifetime: v.optional(
    duration(300, 30 * day, "between 5m and 30d", "Time from sign-in to the end of a session."),
    "8h",
  ),
  recheck: v.optional(
    duration(
      60,
      day,
      "between 1m and 24h",
      "Time after which groups, roles and account are asked for again: so long somebody who was removed still gets in.",
    ),
    "1h",
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
    duration(
      day,
      3650 * day,
      "between 1d and 3650d",
      "Time that the sign-in host keeps this site's audit events; 90 days where nothing is said.",
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
  $schema: v.exactOptional(
    v.pipe(
      v.string(),
      v.description("Where editors find gate.schema.json, which they check this file with."),
    ),
  ),
  name: v.exactOptional(
    v.pipe(shownText(60, "name", ""), v.description("Name of the site, shown on the gate's pages.")),
  ),
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
  roles,
  session: v.pipe(
    v.optional(session, {}),
    v.description("How long somebody stays signed in, and how often Entra is asked about him."),
  ),
  audit: v.exactOptional(v.pipe(audit, v.description("What becomes of this site's audit events."))),
  preview: v.exactOptional(v.pipe(preview, v.description("Rules of every preview deployment."))),
  production: v.exactOptional(
    v.pipe(
      v.union([v.literal("open"), production]),
      v.description('Rules of the production deployment, or "open": not gated at all.'),
    ),
  ),
  contact: v.exactOptional(
    v.pipe(
      shownText(200, "contact", ": a name, an address, a channel"),
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
