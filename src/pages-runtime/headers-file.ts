import { maximumLineLength, ruleUrl } from "./rule-url.ts";

export interface HeadersRule {
  readonly path: string;
  /** By lower-case name; a header named twice has its values joined. */
  readonly headers: Record<string, string>;
  readonly unsetHeaders: string[];
}

const maximumRules = 100;
const looksLikePath = /^(\S+:\/\/|\/)/;

/**
 * The rules of a `_headers` file that Pages would apply; lines that it leaves out are left out
 * (developers.cloudflare.com/pages/configuration/headers).
 */
export function parseHeadersFile(text: string): HeadersRule[] {
  const rules: HeadersRule[] = [];
  let rule: HeadersRule | undefined;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.length > maximumLineLength) continue;
    if (!looksLikePath.test(line)) {
      if (rule !== undefined) addHeader(rule, line);
      continue;
    }
    if (rules.filter((one) => one !== rule && saysSomething(one)).length >= maximumRules) break;
    const path = rulePath(line);
    rule = path === undefined ? undefined : { path, headers: {}, unsetHeaders: [] };
    if (rule !== undefined) rules.push(rule);
  }
  return rules.filter(saysSomething);
}

function saysSomething(rule: HeadersRule): boolean {
  return Object.keys(rule.headers).length > 0 || rule.unsetHeaders.length > 0;
}

/** One `*` at most, and not together with `:splat`, which is what it becomes. */
function rulePath(line: string): string | undefined {
  const path = ruleUrl(line, { host: "no-port", tail: false });
  const splats = path?.split("*").length ?? 1;
  return splats > 2 || (splats === 2 && /:splat(?!\w)/.test(path ?? "")) ? undefined : path;
}

function addHeader(rule: HeadersRule, line: string): void {
  const colon = line.indexOf(":");
  if (colon === -1) {
    if (line.startsWith("! ")) rule.unsetHeaders.push(line.slice(2));
    return;
  }
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (name === "" || name.includes(" ") || value === "") return;
  const before = rule.headers[name];
  rule.headers[name] = before === undefined ? value : `${before}, ${value}`;
}
