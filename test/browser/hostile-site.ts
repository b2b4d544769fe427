import { cookiePrefix, cookies } from "../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../contract/names/endpoints.ts";

/** What the pages at `/attack/…` of the hostile preview are called. */
export const attacks = {
  embed: "/attack/embed",
  ask: "/attack/ask",
  cookies: "/attack/cookies",
  forms: "/attack/forms",
  windows: "/attack/windows",
  plant: "/api/plant",
  seen: "/api/seen",
} as const;

/** Cookies that a sibling tries to leave for every preview of the project. */
export function plantedCookies(domain: string): string[] {
  const planted = "planted.by.sibling";
  return [
    `${cookies.siteSession}=${planted}; Domain=${domain}; Path=/; Secure`,
    `${cookies.siteSession}=${planted}; Domain=${domain}; Path=/docs`,
    `${cookies.siteSession.toLowerCase()}=${planted}; Domain=${domain}; Path=/; Secure`,
    `${cookies.siteSession.toUpperCase()}=${planted}; Domain=${domain}; Path=/; Secure`,
    ` ${cookies.siteSession} =${planted}; Domain=${domain}; Path=/; Secure`,
    `=${cookies.siteSession}=${planted}; Domain=${domain}; Path=/; Secure`,
    `${cookies.siteTransaction}AAAAAAAAAAAAAAAAAAAAAA=${planted}; Domain=${domain}; Path=/; Secure`,
    `${cookiePrefix}anything=${planted}; Domain=${domain}; Path=/; Secure`,
    // No browser refuses this one: it may arrive, and must mean nothing.
    `entra-gate-session=${planted}; Domain=${domain}; Path=/`,
  ];
}

/**
 * What the hostile pull request changes: pages that attack another preview, and functions that read and plant what
 * they can. Its author writes all of it; the gate is in front of it all the same.
 *
 * @param victim origin of the preview that he attacks
 */
export function hostileFiles(victim: string): Record<string, Uint8Array> {
  const domain = new URL(victim).hostname.split(".").slice(1).join(".");
  const files = {
    "site/attack/embed.html": page(embedded(victim)),
    "site/attack/ask.html": page(`<script>${asking(victim)}</script>`),
    "site/attack/cookies.html": page(`<script>${planting(domain)}</script>`),
    "site/attack/forms.html": page(forms(victim)),
    "site/attack/windows.html": page(
      `<button onclick="spy()">Spy</button><script>${spying(victim)}</script>`,
    ),
    "functions/api/plant.ts": `const lines: string[] = ${JSON.stringify(plantedCookies(domain))};
export const onRequest: PagesFunction = () => {
  const response = new Response("planted");
  for (const line of lines) response.headers.append("set-cookie", line);
  return response;
};
`,
    "functions/api/seen.ts": `export const onRequest: PagesFunction = ({ request }) =>
  Response.json(Object.fromEntries(request.headers));
`,
  };
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
}

function page(body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Winter</title></head><body>${body}</body></html>`;
}

function embedded(victim: string): string {
  return `
<script src="${victim}/script.js"></script>
<script type="module" src="${victim}/script.js?module"></script>
<link rel="stylesheet" href="${victim}/style.css">
<link rel="prefetch" href="${victim}/docs/mooring">
<img src="${victim}/images/harbour.png" alt="">
<video src="${victim}/RELEASE"></video>
<object data="${victim}/about/"></object>
<embed src="${victim}/handbook">
<iframe src="${victim}/docs/"></iframe>
<iframe src="${victim}/admin/"></iframe>
<iframe src="${victim}${siteEndpoints.me}"></iframe>
<iframe src="${victim}${siteEndpoints.login}?return_to=/docs/"></iframe>
<iframe src="${victim}${siteEndpoints.logout}"></iframe>`;
}

/** Each request that a script can make with the visitor's cookies; `results` says what it got to see of the answers. */
function asking(victim: string): string {
  return `
const seen = async (response) => response.type === "opaque" ? "opaque" : "read " + (await response.text()).length;
const ask = (path, init) => fetch("${victim}" + path, { credentials: "include", ...init }).then(seen, () => "failed");
const json = { "content-type": "application/json" };
window.results = Promise.all([
  ask("/docs/", { mode: "no-cors" }),
  ask("/api/hello", { mode: "no-cors" }),
  ask("/api/hello", { mode: "no-cors", method: "POST", body: "berth=1" }),
  ask("${siteEndpoints.logout}", { mode: "no-cors", method: "POST" }),
  ask("${siteEndpoints.accept}", { mode: "no-cors", method: "POST", body: new URLSearchParams({ ticket: "a.b.c", tx: "x" }) }),
  ask("/api/hello", { mode: "cors" }),
  ask("${siteEndpoints.me}", { mode: "cors" }),
  ask("/api/hello", { mode: "cors", method: "PUT", headers: json, body: "{}" }),
  ask("/docs/", { mode: "cors", redirect: "manual" }),
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", "${victim}/about/");
    request.withCredentials = true;
    request.onload = () => resolve("read " + request.responseText.length);
    request.onerror = () => resolve("failed");
    request.send();
  }),
  new Promise((resolve) => {
    const source = new EventSource("${victim}/script.js?events", { withCredentials: true });
    source.onopen = source.onmessage = () => resolve("read");
    source.onerror = () => { source.close(); resolve("failed"); };
  }),
  new Promise((resolve) => {
    const socket = new WebSocket("${victim.replace("http", "ws")}/api/hello?socket");
    socket.onopen = () => resolve("read");
    socket.onerror = () => resolve("failed");
  }),
  navigator.sendBeacon("${victim}/api/hello?beacon", "berth=1") ? "opaque" : "failed",
]);`;
}

/** `plant()` under the gate's names, `many(n)` and `big(n)` to push others out or to fill the request's header. */
function planting(domain: string): string {
  return `
const set = (name, value) => { document.cookie = name + "=" + value + "; Domain=${domain}; Path=/"; };
window.plant = () => { for (const line of ${JSON.stringify(plantedCookies(domain))}) document.cookie = line; };
window.many = (count) => { for (let at = 0; at < count; at++) set("many-" + at, "x"); };
window.big = (count) => { for (let at = 0; at < count; at++) set("big-" + at, "x".repeat(3500)); };
window.clear = () => {
  for (const pair of document.cookie.split("; ")) document.cookie = pair.split("=")[0] + "=; Domain=${domain}; Path=/; Max-Age=0";
};`;
}

/** Forms and a link that take the visitor's own tab along; the attacker's ticket and the rest come in the fragment. */
function forms(victim: string): string {
  const post = (name: string, path: string, fields = "") =>
    `<form method="post" action="${victim}${path}">${fields}<button>${name}</button></form>`;
  return `
${post("Berth", "/api/hello", '<input name="berth" value="1">')}
${post("Leave", siteEndpoints.logout)}
${post("Accept", siteEndpoints.accept, '<input name="ticket"><input name="tx">')}
<form method="post" name="host"><button>Leave everything</button></form>
<a href="">Lure</a>
<script>
const given = new URLSearchParams(location.hash.slice(1));
for (const [name, value] of given) {
  const field = document.querySelector("input[name=" + name + "]");
  if (field) field.value = value;
  if (name === "host") document.forms.host.action = value + "${hostEndpoints.logout}";
  if (name === "lure") document.querySelector("a").href = value;
}
</script>`;
}

/** Opens a page of the victim in a window and tries to read it for as long as it takes. */
function spying(victim: string): string {
  return `
window.loot = [];
function spy() {
  const opened = window.open("${victim}/docs/", "spied");
  const steal = [
    () => opened.document.body.innerHTML,
    () => opened.location.href,
    () => opened.localStorage.length,
    () => opened.sessionStorage.getItem("entra-gate.hash"),
    () => opened.performance.getEntries(),
  ];
  window.steal = () => steal.map((take) => { try { const got = take(); return got === undefined ? "nothing" : "got " + got; } catch (error) { return error.name; } });
}`;
}
