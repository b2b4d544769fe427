import { escapeHtml } from "../github/web/markdown.ts";
import type { Checked, EndPage, Place, Someone } from "./end-page.ts";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --soft: light-dark(#57606a, #9ba4ae); --link: light-dark(#0550ae, #79b8ff) }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: light-dark(#1f2328, #f0f3f6); background: light-dark(#fff, #0d1117) }
h1 { font-size: 1.7rem } h2 { font-size: 1.15rem; margin-top: 2rem }
a { color: var(--link); overflow-wrap: anywhere } a:focus-visible { outline: 3px solid; outline-offset: 2px }
dl { display: grid; gap: .9rem } dt { font-weight: 600 } dd { margin: 0; overflow-wrap: anywhere } .soft { color: var(--soft) }
ul { padding-left: 1.2rem } li { margin: .35rem 0 } code { overflow-wrap: anywhere } [role=note] { border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem }
`;

/** The page as it stands: plain HTML, no script, nothing from elsewhere. */
export function endPageHtml({ places, people, deployments, evidence, folder, over }: EndPage): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Entra Gate on this machine</title><style>${style}</style></head>
<body><main>
<h1>Entra Gate on this machine</h1>
<p>A push and a pull request went through the real workflow files and the built action. Entra, Cloudflare and GitHub are
stand-ins; nothing left this machine.</p>
${over === true ? '<p role="note">This run has ended: the addresses below answer no more. <code>npm start</code> leaves everything running.</p>' : ""}
<ul>${deployments.map(checkedItem).join("")}</ul>
<h2>Look at</h2>
<dl>${places.map(placeItem).join("")}</dl>
<h2>Sign in as</h2>
<p class="soft">Entra&#39;s page has a button for each. A private window for each person keeps them apart.</p>
<ul>${people.map(personItem).join("")}</ul>
<h2>What was checked</h2>
<ul>${evidence.map(({ name, what }) => `<li><a href="${escapeHtml(name)}">${escapeHtml(name)}</a>: ${escapeHtml(what)}</li>`).join("")}
<li>Each call to a stand-in: <code>${escapeHtml(folder)}/calls.ndjson</code></li></ul>
</main></body></html>
`;
}

function checkedItem({ name, gated, probes }: Checked): string {
  const counted =
    probes === undefined
      ? ""
      : `; of ${probes.total} requests from outside ${probes.open} were answered with content`;
  return `<li>${escapeHtml(name)}: ${gated ? "proved closed" : "<strong>not proved closed</strong>"}${counted}</li>`;
}

function placeItem({ name, url, what }: Place): string {
  const link = url === "" ? "not deployed" : `<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
  return `<div><dt>${escapeHtml(name)}</dt><dd>${link}<br><span class="soft">${escapeHtml(what)}</span></dd></div>`;
}

function personItem({ name, who, sees }: Someone): string {
  return `<li><strong>${escapeHtml(name)}</strong>, ${escapeHtml(who)}: ${escapeHtml(sees)}</li>`;
}
