/**
 * What OCSF 1.8.0 says of the classes that the gate's events are of, as far as the gate relies on it: written by hand
 * from the published pages, so that events are checked where the schema itself is not at hand. Where it is
 * (`OCSF_SCHEMA`), ocsf.test.ts holds this table to it.
 *
 * @see schema.ocsf.io/1.8.0/classes/authentication, …/entity_management, …/web_resources_activity,
 *   …/profiles/security_control, …/profiles/host, …/objects/…
 */

/** `text`, `whole`, `yes-no` or an object's name; `[]`: a list of them; `!`: required. */
type Attributes = Readonly<Record<string, string>>;
type Values = Readonly<Record<number, string>>;

export interface ObjectFacts {
  readonly attributes: Attributes;
  /** At least one of these must be there. */
  readonly some?: readonly string[];
  readonly values?: Readonly<Record<string, Values>>;
}

interface ClassFacts extends ObjectFacts {
  readonly name: string;
  readonly category: number;
}

const unknown = { 0: "Unknown" } as const;
const other = { 99: "Other" } as const;

export const ocsfRelease = "1.8.0";

/** Of every class. */
export const common: ObjectFacts = {
  attributes: {
    metadata: "metadata!",
    time: "whole!",
    category_uid: "whole!",
    class_uid: "whole!",
    activity_id: "whole!",
    activity_name: "text",
    type_uid: "whole!",
    severity_id: "whole!",
    severity: "text",
    status_id: "whole",
    status: "text",
    status_code: "text",
    unmapped: "object",
  },
  values: {
    severity_id: { ...unknown, 1: "Informational", 2: "Low", 3: "Medium", 4: "High" },
    status_id: { ...unknown, 1: "Success", 2: "Failure", ...other },
  },
};

export const classes: Readonly<Record<number, ClassFacts>> = {
  3002: {
    name: "authentication",
    category: 3,
    attributes: {
      user: "user!",
      service: "service",
      auth_protocol: "text",
      auth_protocol_id: "whole",
      is_remote: "yes-no",
      http_request: "http_request",
      session: "session",
    },
    some: ["service", "dst_endpoint"],
    values: {
      activity_id: { ...unknown, 1: "Logon", 2: "Logoff", ...other },
      auth_protocol_id: { ...unknown, 4: "OpenID", 6: "OAUTH 2.0", ...other },
    },
  },
  3004: {
    name: "entity_management",
    category: 3,
    attributes: { entity: "managed_entity!", actor: "actor", comment: "text" },
    values: {
      activity_id: {
        ...unknown,
        1: "Create",
        2: "Read",
        3: "Update",
        4: "Delete",
        8: "Enable",
        9: "Disable",
        ...other,
      },
    },
  },
  6001: {
    name: "web_resources_activity",
    category: 6,
    attributes: {
      web_resources: "web_resource[]!",
      http_request: "http_request",
      http_response: "http_response",
    },
    values: {
      activity_id: {
        ...unknown,
        1: "Create",
        2: "Read",
        3: "Update",
        4: "Delete",
        5: "Search",
        7: "Export",
        ...other,
      },
    },
  },
};

/** What a profile that `metadata.profiles` names adds to a class. */
export const profiles: Readonly<Record<string, ObjectFacts>> = {
  host: { attributes: { actor: "actor" } },
  security_control: {
    attributes: {
      action: "text",
      action_id: "whole",
      disposition: "text",
      disposition_id: "whole",
      is_alert: "yes-no",
      policy: "policy",
      firewall_rule: "firewall_rule",
    },
    values: {
      action_id: { ...unknown, 1: "Allowed", 2: "Denied", 3: "Observed", 4: "Modified", ...other },
      disposition_id: { ...unknown, 1: "Allowed", 2: "Blocked", 15: "Detected", 17: "Logged", ...other },
    },
  },
};

export const objects: Readonly<Record<string, ObjectFacts>> = {
  metadata: {
    attributes: { version: "text!", product: "product!", uid: "text", profiles: "text[]" },
  },
  product: {
    attributes: { name: "text", vendor_name: "text", version: "text", feature: "feature" },
    some: ["name", "uid"],
  },
  feature: { attributes: { name: "text" }, some: ["name", "uid"] },
  user: {
    attributes: {
      uid: "text",
      uid_alt: "text",
      name: "text",
      domain: "text",
      type: "text",
      type_id: "whole",
      org: "organization",
    },
    some: ["account", "name", "uid"],
    values: { type_id: { ...unknown, 1: "User", 2: "Admin", 3: "System", 4: "Service", ...other } },
  },
  organization: { attributes: { uid: "text", name: "text" }, some: ["name", "uid"] },
  service: { attributes: { name: "text" }, some: ["name", "uid"] },
  session: { attributes: { uid: "text", expiration_time: "whole", is_remote: "yes-no" } },
  actor: {
    attributes: { user: "user", app_uid: "text", app_name: "text" },
    some: ["process", "user", "invoked_by", "session", "app_name", "app_uid"],
  },
  managed_entity: {
    attributes: { uid: "text", name: "text", type: "text", type_id: "whole" },
    some: ["name", "uid", "device", "group", "org", "policy", "user"],
    values: { type_id: { ...unknown, 5: "Policy", ...other } },
  },
  web_resource: { attributes: { name: "text", url_string: "text" }, some: ["name", "uid"] },
  http_request: {
    attributes: { uid: "text", http_method: "text", url: "url" },
    values: {},
  },
  http_response: { attributes: { code: "whole!" } },
  url: {
    attributes: { scheme: "text", hostname: "text", path: "text", url_string: "text" },
    some: ["url_string", "path"],
  },
  policy: { attributes: { uid: "text", name: "text", is_applied: "yes-no" }, some: ["name", "type", "uid"] },
  firewall_rule: { attributes: { uid: "text" }, some: ["name", "uid"] },
};

/** The caption of a value stands in the attribute beside it. */
export const siblings: Readonly<Record<string, string>> = {
  activity_id: "activity_name",
  severity_id: "severity",
  status_id: "status",
  type_id: "type",
  auth_protocol_id: "auth_protocol",
  action_id: "action",
  disposition_id: "disposition",
};

type Json = Readonly<Record<string, unknown>>;

/** Everything in which an event is not as the table says; empty where it is right. */
export function factProblems(event: Json): string[] {
  const own = classes[Number(event["class_uid"])];
  if (own === undefined) return [`class ${String(event["class_uid"])} is none of the gate's`];
  const named = (event["metadata"] as { readonly profiles?: readonly string[] }).profiles ?? [];
  const found = named.filter((name) => !(name in profiles)).map((name) => `profile ${name} is none of ours`);
  if (event["category_uid"] !== own.category) found.push("category_uid is another class's");
  if (event["type_uid"] !== Number(event["class_uid"]) * 100 + Number(event["activity_id"]))
    found.push("type_uid is wrong");
  return [
    ...found,
    ...shapeProblems(joined([common, own, ...named.map((name) => profiles[name])]), event, ""),
  ];
}

/**
 * For the logs of tests' worlds: whatever a role writes there in whichever test, its events are as they should be.
 *
 * @param line of a log; what is no event is let through
 * @throws Error
 */
export function requireSound(line: string): void {
  const event: Json = line.startsWith("{") ? JSON.parse(line) : {};
  const problems = "class_uid" in event ? factProblems(event) : [];
  if (problems.length > 0) throw new Error(`${problems.join("; ")}: ${line}`);
}

/** Several definitions as one. */
export function joined(parts: readonly (ObjectFacts | undefined)[]): ObjectFacts {
  return {
    attributes: Object.assign({}, ...parts.map((part) => part?.attributes)),
    some: parts.flatMap((part) => part?.some ?? []),
    values: Object.assign({}, ...parts.map((part) => part?.values)),
  };
}

function shapeProblems(
  { attributes, some = [], values = {} }: ObjectFacts,
  value: Json,
  place: string,
): string[] {
  const found: string[] = [];
  for (const [name, kind] of Object.entries(attributes))
    if (kind.endsWith("!") && !(name in value)) found.push(`${place}${name} is missing`);
  if (some.length > 0 && !some.some((name) => name in value))
    found.push(`${place} has none of ${some.join()}`);
  for (const [name, member] of Object.entries(value)) {
    const kind = Object.hasOwn(attributes, name) ? attributes[name]?.replace("!", "") : undefined;
    if (kind === undefined) found.push(`${place}${name} is unknown`);
    else found.push(...memberProblems(kind, member, place + name));
    const captions = Object.hasOwn(values, name) ? values[name] : undefined;
    if (captions === undefined) continue;
    const caption = captions[Number(member)];
    const said = value[siblings[name] ?? ""];
    if (caption === undefined) found.push(`${place}${name} is none of ${Object.keys(captions).join()}`);
    else if (member !== 99 && said !== undefined && said !== caption)
      found.push(`${place}${name} is ${caption}`);
  }
  return found;
}

const scalars: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  whole: Number.isSafeInteger,
  "yes-no": (value) => typeof value === "boolean",
  object: (value) => typeof value === "object" && value !== null,
};

function memberProblems(kind: string, member: unknown, place: string): string[] {
  if (kind.endsWith("[]")) {
    if (!Array.isArray(member)) return [`${place} is no list`];
    return member.flatMap((one) => memberProblems(kind.slice(0, -2), one, `${place}[]`));
  }
  const scalar = scalars[kind];
  if (scalar !== undefined) return scalar(member) ? [] : [`${place} is no ${kind}`];
  const definition = objects[kind];
  if (definition === undefined || typeof member !== "object" || member === null)
    return [`${place} is no ${kind}`];
  return shapeProblems(definition, member as Json, `${place}.`);
}
