import { siteOrigin } from "./names.ts";

export const pageUrl = `${siteOrigin}/docs/guide/install`;

/** Twenty headers of Chrome following a link inside a site, as they reach a worker behind Cloudflare, and its cookies. */
export function browserHeaders(cookie: string): Record<string, string> {
  return {
    host: new URL(siteOrigin).host,
    accept:
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "accept-encoding": "gzip, br",
    "accept-language": "nl-NL,nl;q=0.9,en-US;q=0.8,en;q=0.7",
    "cache-control": "max-age=0",
    "cf-connecting-ip": "203.0.113.9",
    "cf-ipcountry": "NL",
    "cf-ray": "9a1b2c3d4e5f6071-AMS",
    "cf-visitor": '{"scheme":"https"}',
    priority: "u=0, i",
    referer: `${siteOrigin}/docs/`,
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Windows"',
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "same-origin",
    "user-agent":
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "x-forwarded-proto": "https",
    "x-real-ip": "203.0.113.9",
    cookie: `theme=dark; ${cookie}; last-seen=1763900000`,
  };
}

/** The same with what Cloudflare Access adds instead of a cookie of a gate. */
export function accessRequestHeaders(token: string): Record<string, string> {
  return { ...browserHeaders(`CF_Authorization=${token}`), "cf-access-jwt-assertion": token };
}
