import type { Span } from "../../../../contract/audit/queries.ts";

export const views = { activity: "Activity", previews: "Previews", sites: "Sites and keys" } as const;
export const shows = {
  all: "Everything",
  admitted: "Let in",
  refused: "Refused or failed",
  "sign-ins": "Sign-ins and sign-outs",
  changes: "Changes by the action",
  views: "Looks at this page",
} as const;
export const spans = { "24h": 1, "7d": 7, "30d": 30, "90d": 90 } as const;
export const forms = { csv: "CSV", ocsf: "OCSF, a JSON object a line" } as const;

/** Where a page of a list goes on: the last row of the one before. */
export interface Cursor {
  readonly time: number;
  readonly id: number;
}

/** What somebody asks the page for. All of it stands in its address. */
export interface Filters {
  readonly view: keyof typeof views;
  /** Name of one site's project; undefined for all. */
  readonly site?: string;
  readonly show: keyof typeof shows;
  /** What was typed, at most 100 characters. */
  readonly search: string;
  readonly span: Span;
  /** Which of the ready-made spans that is. */
  readonly days?: keyof typeof spans;
  readonly before?: Cursor;
  /** One pull request, or production. */
  readonly pull?: number | "production";
  readonly as?: keyof typeof forms;
}

const day = 86_400_000;
const projectShape = /^[a-z0-9-]{0,58}$/;
/** Nobody keeps events for longer. */
const longest = 3_650 * day;

/**
 * Reads the page's own parameters. What can't be read is left out: it only ever makes the answer another one.
 *
 * @param projects that the visitor may look at; undefined where it is not known yet who he is
 * @param now milliseconds since 1970
 */
export function readFilters(
  query: URLSearchParams,
  projects: readonly string[] | undefined,
  now: number,
): Filters {
  const get = (name: string): string => query.get(name) ?? "";
  const site = query.get("site");
  const named = site !== null && (projects?.includes(site) ?? projectShape.test(site));
  const days = keyOf(spans, get("span")) ?? "7d";
  const from = timeOf(get("from"));
  const to = timeOf(get("to"));
  const own = from !== undefined || to !== undefined;
  const end = to ?? now + 1;
  const start = Math.max(from ?? end - spans[days] * day, end - longest);
  const before = cursorOf(get("before"));
  const pull = get("pull");
  const as = keyOf(forms, get("as"));
  return {
    view: keyOf(views, get("view")) ?? "activity",
    ...(named ? { site } : {}),
    show: keyOf(shows, get("show")) ?? "all",
    search: get("q").trim().slice(0, 100),
    span: start < end ? { from: start, to: end } : { from: end - day, to: end },
    ...(own ? {} : { days }),
    ...(before === undefined ? {} : { before }),
    ...(pull === "production" ? { pull } : /^[1-9]\d{0,8}$/.test(pull) ? { pull: Number(pull) } : {}),
    ...(as === undefined ? {} : { as }),
  };
}

/** The address that asks for these, as a query with its question mark. */
export function addressOf(filters: Filters): string {
  const { view, site, show, search, span, days, before, pull, as } = filters;
  const values: Record<string, string | undefined> = {
    view: view === "activity" ? undefined : view,
    site,
    show: show === "all" ? undefined : show,
    q: search || undefined,
    ...(days === undefined ? { from: inputTime(span.from), to: inputTime(span.to) } : {}),
    span: days === "7d" ? undefined : days,
    pull: pull === undefined ? undefined : String(pull),
    before: before && `${before.time}.${before.id}`,
    as,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, value);
  return `?${query}`;
}

/** A moment as `<input type="datetime-local">` has it; always UTC here. */
export function inputTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16);
}

function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/.test(text)) return undefined;
  const time = Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function cursorOf(text: string): Cursor | undefined {
  const match = /^(\d{1,15})\.(\d{1,16})$/.exec(text);
  return match ? { time: Number(match[1]), id: Number(match[2]) } : undefined;
}

function keyOf<Table extends object>(table: Table, text: string): keyof Table | undefined {
  return Object.hasOwn(table, text) ? (text as keyof Table) : undefined;
}
