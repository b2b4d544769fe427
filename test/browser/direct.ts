import { cookies } from "../../contract/names/cookies.ts";
import { type Answer, ask } from "../pages-plugin/entries/http-client.ts";

/** What a browser sends with a navigation that its user started. */
export const navigation: Readonly<Record<string, string>> = {
  accept: "text/html",
  "sec-fetch-site": "none",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

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
