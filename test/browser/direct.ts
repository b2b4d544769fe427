import { cookies } from "../../contract/names/cookies.ts";
import { siteEndpoints } from "../../contract/names/endpoints.ts";
import { type Answer, ask } from "../pages-plugin/entries/http-client.ts";

/** What a browser sends with a navigation that its user started. */
export const navigation: Readonly<Record<string, string>> = {
  accept: "text/html",
  "sec-fetch-site": "none",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

/** The same for a form that the sign-in host's page posts to a site; only a browser's word for it is missing. */
export function fromHost(signInHost: string): Readonly<Record<string, string>> {
  return { ...navigation, origin: signInHost, "sec-fetch-site": "cross-site" };
}

/** Asks an origin without a browser: whoever holds a copy of something can write every header himself. */
export function askDirectly(
  url: string,
  headers: Readonly<Record<string, string>>,
  form?: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { port, host, pathname, search } = new URL(url);
  return ask(Number(port), host, pathname + search, {
    method: form === undefined ? "GET" : "POST",
    headers:
      form === undefined ? headers : { ...headers, "content-type": "application/x-www-form-urlencoded" },
    ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
  });
}

/** Opens a page as whoever has that session cookie. */
export function askWithSession(url: string, session: string): Promise<Answer> {
  return askDirectly(url, { ...navigation, cookie: `${cookies.siteSession}=${session}` });
}

/** Begins a sign-in of one's own at a site: the transaction's id, and the cookie that holds it. */
export async function ownTransaction(
  origin: string,
): Promise<{ readonly tx: string; readonly cookie: string }> {
  const login = await askDirectly(`${origin}${siteEndpoints.login}`, navigation);
  const [cookie = ""] = login.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return { tx: cookie.slice(cookies.siteTransaction.length, cookie.indexOf("=")), cookie };
}
