import type { AnswerTable } from "../../../contract/errors/definition.ts";
import { answerHeaders } from "../../../contract/names/headers.ts";
import { isDocumentNavigation } from "./fetch-metadata.ts";
import { type Page, pagePolicy, renderPage } from "./pages.ts";

/** What is true of everything that the gate itself says: kept by no cache, read by no other origin, never sniffed. */
const always: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

export interface AnswerOptions {
  readonly status?: number;
  /** Added to, or instead of, what every answer of the gate carries. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

function answer(
  request: Request,
  body: string | null,
  type: string | undefined,
  options: AnswerOptions,
): Response {
  const headers = new Headers(always);
  if (type) headers.set("content-type", type);
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  for (const cookie of options.cookies ?? []) headers.append("set-cookie", cookie);
  return new Response(request.method === "HEAD" ? null : body, { status: options.status ?? 200, headers });
}

/** JSON that no other origin can read and no cache keeps. */
export function jsonAnswer(request: Request, data: unknown, options: AnswerOptions = {}): Response {
  return answer(request, JSON.stringify(data), "application/json; charset=utf-8", options);
}

/** A redirect: 303 unless told otherwise (RFC 9110 section 15.4.4), so that a POST is followed by a GET. */
export function redirectAnswer(request: Request, location: string, options: AnswerOptions = {}): Response {
  return answer(request, null, undefined, {
    status: 303,
    ...options,
    headers: { ...options.headers, location },
  });
}

/**
 * One page of the gate under its own content security policy.
 *
 * Its Referrer-Policy is `same-origin`: under `no-referrer` browsers send `Origin: null` even with a form posted to
 * the page's own origin (Fetch, "append a request Origin header").
 */
export function pageAnswer(request: Request, page: Page, options: AnswerOptions = {}): Response {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
  return answer(request, renderPage(page, nonce), "text/html; charset=utf-8", {
    ...options,
    headers: {
      "content-security-policy": pagePolicy(page, nonce),
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
      ...options.headers,
    },
  });
}

export interface RefusalOptions extends AnswerOptions {
  /** Also in the log; see reference.ts. */
  readonly reference: string;
  /** Instead of the title and the one paragraph made from the table's visitor text. */
  readonly page?: Partial<Page>;
  /** The answer's form where Fetch Metadata can't tell: a page where forms are posted to, JSON where scripts ask. */
  readonly as?: "page" | "json";
}

/**
 * Makes the function that answers refusals and faults of one role from that role's error table.
 *
 * @returns refuse(request, code, options): a page to document navigations, `{ error, reference, message }` to all
 *   else; both carry code and reference as headers, and neither says more than the table's visitor text
 */
export function createRefuse<Table extends AnswerTable>(table: Table) {
  return function refuse(request: Request, code: keyof Table & string, options: RefusalOptions): Response {
    const { status, visitor } = table[code] as AnswerTable[string];
    const { reference, page } = options;
    const headers: Record<string, string> = {
      [answerHeaders.code]: code,
      [answerHeaders.reference]: reference,
      // RFC 9110 section 15.5.2 wants a challenge with every 401; browsers ignore a scheme that they don't know.
      ...(status === 401 ? { "www-authenticate": "Entra-Gate" } : {}),
      ...options.headers,
    };
    const how: AnswerOptions = { status, ...options, headers };
    if ((options.as ?? (isDocumentNavigation(request) ? "page" : "json")) === "json") {
      return jsonAnswer(request, { error: code, reference, message: visitor }, how);
    }
    return pageAnswer(
      request,
      { title: titles[status] ?? "Something went wrong", paragraphs: [visitor], reference, ...page },
      how,
    );
  };
}

const titles: Readonly<Record<number, string>> = {
  400: "This address can’t be read",
  401: "Please sign in",
  403: "You have no access to this page",
  404: "There is nothing here",
  405: "This can’t be done here",
  410: "This preview has ended",
  503: "This site can’t let anybody in right now",
};
