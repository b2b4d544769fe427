import { hasHost, maximumLineLength, ruleUrl } from "./rule-url.ts";

export interface RedirectRule {
  readonly from: string;
  readonly to: string;
  readonly status: number;
  readonly lineNumber: number;
}

const maximumRules = { static: 2_000, dynamic: 100 };
const statuses = new Set([200, 301, 302, 303, 307, 308]);
const isDynamic = /\*|:[A-Za-z]\w*/;

/**
 * The rules of a `_redirects` file that Pages would follow, in order; lines that it leaves out are left out
 * (developers.cloudflare.com/pages/configuration/redirects). A file that asks for more dynamic rules than Pages has
 * is cut there.
 */
export function parseRedirectsFile(text: string): RedirectRule[] {
  const rules: RedirectRule[] = [];
  const seen = new Set<string>();
  const count = { static: 0, dynamic: 0 };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const rule = line === "" || line.startsWith("#") ? undefined : readLine(line, index + 1);
    if (rule === undefined) continue;
    const kind = count.dynamic === 0 && !isDynamic.test(rule.from) ? "static" : "dynamic";
    count[kind] += 1;
    if (count.dynamic > maximumRules.dynamic) break;
    if (count.static > maximumRules.static || rule.to === undefined || seen.has(rule.from)) continue;
    seen.add(rule.from);
    if (rule.status !== 200 || !hasHost(rule.to)) rules.push({ ...rule, to: rule.to });
  }
  return rules;
}

interface ReadLine extends Omit<RedirectRule, "to"> {
  /** Undefined where the line counts towards the limits but is no rule. */
  readonly to: string | undefined;
}

function readLine(line: string, lineNumber: number): ReadLine | undefined {
  if (line.length > maximumLineLength) return undefined;
  const tokens = line.replace(/\s+#.*$/, "").split(/\s+/);
  const [source = "", target = "", code = "302"] = tokens;
  if (tokens.length < 2 || tokens.length > 3) return undefined;
  const from = ruleUrl(source, { host: "path", tail: false });
  if (from === undefined) return undefined;
  const to = ruleUrl(target, { host: "any", tail: true });
  const status = Number(code);
  const usable = to !== undefined && statuses.has(status) && !loops(from, to);
  return { from, to: usable ? to : undefined, status, lineNumber };
}

/** The asset server takes `/index.html` back to `/`, where the rule would meet it again. */
function loops(from: string, to: string): boolean {
  return !hasHost(to) && (from.endsWith("/*") || from.endsWith("/")) && /\/index(\.html)?$/.test(to);
}
