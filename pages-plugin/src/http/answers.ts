import type { AnswerTable } from "../../../contract/errors/definition.ts";
import { answerHeaders } from "../../../contract/names/headers.ts";
import { languages, type Translations } from "../../../contract/texts/languages.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import { isDocumentNavigation } from "./fetch-metadata.ts";
import { chooseLanguage } from "./language.ts";
import { type Page, pagePolicy, renderPage, type Voice } from "./pages.ts";

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

/** Text of another kind than a page: a file, for example. */
export function textAnswer(
  request: Request,
  body: string,
  type: string,
  options: AnswerOptions = {},
): Response {
  return answer(request, body, type, options);
}

/**
 * Markup that is no page of the one template: it asks for nothing, runs no script and is framed by nobody.
 *
 * @param make is given the nonce that its one style element must carry
 */
export function htmlAnswer(
  request: Request,
  make: (nonce: string) => string,
  options: AnswerOptions = {},
): Response {
  const nonce = newNonce();
  return answer(request, make(nonce), "text/html; charset=utf-8", {
    ...options,
    headers: {
      "content-language": "en",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
      ...options.headers,
    },
  });
}

function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
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

export interface RefusalOptions<Text extends string = string> extends AnswerOptions {
  /** Also in the log; see reference.ts. */
  readonly reference: string;
  /** Instead of the title and the one paragraph made from the table's visitor text. */
  readonly page?: Partial<Page<Text>>;
  /** The answer's form where Fetch Metadata can't tell: a page where forms are posted to, JSON where scripts ask. */
  readonly as?: "page" | "json";
}

/** What one role says to its visitors, each in his language. */
export interface Answers<Code extends string, Text extends string> {
  /** One page of the gate under its own content security policy. */
  page(request: Request, page: Page<Text>, options?: AnswerOptions): Response;
  /**
   * Answers a refusal or fault: a page to document navigations, `{ error, reference, message }` to all else. Both carry
   * code and reference as headers; neither says more than the table's visitor text, and only that is translated.
   */
  refuse(request: Request, code: Code, options: RefusalOptions<Text>): Response;
}

/**
 * Makes the functions that answer for one role.
 *
 * @param table that role's codes
 * @param texts of that role in all languages
 * @param site name that stands on every page which doesn't name another
 */
export function createAnswers<Texts extends Translations, Table extends AnswerTable<keyof Texts & string>>(
  table: Table,
  texts: Texts,
  site?: string,
): Answers<keyof Table & string, keyof Texts & string> {
  const voiceFor = (request: Request): Voice => {
    const language = chooseLanguage(request.headers.get("accept-language"));
    const index = languages.indexOf(language) - 1;
    return { language, say: (text) => texts[text]?.[index] ?? text };
  };
  const said = ({ language }: Voice) => ({ "content-language": language, vary: "Accept-Language" });

  const page = (request: Request, content: Page, options: AnswerOptions = {}): Response => {
    const nonce = newNonce();
    const voice = voiceFor(request);
    const html = renderPage(site === undefined ? content : { site, ...content }, nonce, voice);
    return answer(request, html, "text/html; charset=utf-8", {
      ...options,
      headers: {
        ...said(voice),
        "content-security-policy": pagePolicy(content, nonce),
        "cross-origin-opener-policy": "same-origin",
        // Under `no-referrer` browsers send `Origin: null` even with a form posted to the page's own origin (Fetch,
        // "append a request Origin header").
        "referrer-policy": "same-origin",
        ...options.headers,
      },
    });
  };

  return {
    page,
    refuse(request, code, { reference, page: content, as, ...options }) {
      const { visitor, ...usual } = table[code] as AnswerTable[string];
      const { status } = { ...usual, ...options };
      const headers: Record<string, string> = {
        [answerHeaders.code]: code,
        [answerHeaders.reference]: reference,
        // RFC 9110 section 15.5.2 wants a challenge with every 401; browsers ignore a scheme that they don't know.
        ...(status === 401 ? { "www-authenticate": "Entra-Gate" } : {}),
        ...options.headers,
      };
      if ((as ?? (isDocumentNavigation(request) ? "page" : "json")) === "json") {
        const voice = voiceFor(request);
        const message = voice.say(visitor);
        return jsonAnswer(
          request,
          { error: code, reference, message },
          { status, ...options, headers: { ...said(voice), ...headers } },
        );
      }
      const title = titles[usual.status] ?? "There is nothing here";
      const full = { title, paragraphs: [visitor], reference, ...content };
      return page(request, full, { status, ...options, headers });
    },
  };
}

const unavailable = "This page can’t be shown right now";

/** What a page is called whose code says no more than its status. */
const titles: Readonly<Record<number, SiteText>> = {
  401: "Sign in to see this page",
  403: "You have no access to this page",
  410: "This preview has ended",
  500: unavailable,
  503: unavailable,
};
