import type { User } from "../directory/model.ts";
import type { AadstsError } from "./aadsts.ts";

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(id: string, title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="PageID" content="${id}">
<title>${escapeHtml(title)}</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem;font-weight:600}
ul{list-style:none;padding:0}
button{font:inherit;padding:.5rem .75rem;min-width:14rem;text-align:left;border:1px solid #666;border-radius:4px;background:#f4f4f4;color:inherit;cursor:pointer}
button:hover{background:#e6e6e6}
:focus-visible{outline:3px solid #0f6cbd;outline-offset:2px}
.detail{display:block;color:#555;font-size:.875rem;margin:0 0 .75rem}
.note{color:#555;font-size:.875rem;border-top:1px solid #ddd;padding-top:.75rem}
code{overflow-wrap:anywhere}
</style>
</head>
<body>
<main>
${body}
</main>
<footer class="note">This is a local stand-in for the Microsoft sign-in page. It asks for no password.</footer>
</body>
</html>`;
}

/** The account choice: one button per person, usable by keyboard and without script. */
export function accountPage(options: {
  readonly application: string;
  readonly action: string;
  readonly people: readonly User[];
  /** Asked for by `login_hint`, or signed in and asked to prove it again. */
  readonly only: User | undefined;
  readonly problem: string | undefined;
}): string {
  const { application, action, people, only, problem } = options;
  const shown = only === undefined ? people : [only];
  const buttons = shown.map(
    ({ oid, name, upn, kind }) =>
      `<li><button name="account" value="${escapeHtml(oid)}">${escapeHtml(name)}</button>` +
      `<span class="detail">${escapeHtml(upn)}${kind === "guest" ? " (guest)" : ""}</span></li>`,
  );
  const another =
    only === undefined
      ? `<details${problem === undefined ? "" : " open"}><summary>Use another account</summary>
<form method="post" action="${action}"><p><label>Email address <input name="upn" type="email" autocomplete="username" required></label></p>
<button>Next</button></form></details>`
      : `<p><a href="${action}?all=1">Use another account</a></p>`;
  return page(
    "ConvergedSignIn",
    "Sign in to your account",
    `<h1>${only === undefined ? "Pick an account" : "Sign in"}</h1>
<p>to continue to ${escapeHtml(application)}</p>
${problem === undefined ? "" : `<p role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="${action}"><ul>${buttons.join("\n")}</ul></form>
${another}`,
  );
}

export function consentPage(
  application: string,
  user: User,
  scopes: readonly string[],
  action: string,
): string {
  return page(
    "ConvergedConsent",
    "Permissions requested",
    `<h1>Permissions requested</h1>
<p>${escapeHtml(application)} would like, for ${escapeHtml(user.name)}:</p>
<ul>${scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join("")}</ul>
<form method="post" action="${action}"><button name="consent" value="accept">Accept</button>
<button name="consent" value="cancel">Cancel</button></form>`,
  );
}

/** What a Conditional Access policy asks for beyond having signed in; the real page waits for a telephone. */
export function approvalPage(user: User, action: string): string {
  return page(
    "ConvergedTFA",
    "Approve sign in request",
    `<h1>Approve sign in request</h1>
<p>${escapeHtml(user.name)}, your organization needs more information to keep this secure.</p>
<form method="post" action="${action}"><button name="more" value="approve">Approve</button>
<button name="more" value="cancel">Cancel</button></form>`,
  );
}

/** Entra's own page for what it can't or won't send back to the application. */
export function errorPage(
  error: AadstsError,
  way?: { readonly href: string; readonly text: string },
): string {
  return page(
    "ConvergedError",
    "Sign in to your account",
    `<h1>Sign in</h1>
<p>Sorry, but we’re having trouble signing you in.</p>
<p role="alert">${escapeHtml(error.message)}</p>
${way === undefined ? "" : `<p><a href="${escapeHtml(way.href)}">${escapeHtml(way.text)}</a></p>`}
<p class="detail">Request Id: ${error.traceId}<br>Correlation Id: ${error.correlationId}<br>Timestamp: ${error.timestamp}</p>`,
  );
}

/** The authorization response by `response_mode=form_post` (OAuth 2.0 Form Post Response Mode, section 2). */
export function formPostPage(redirectUri: string, parameters: URLSearchParams): string {
  const fields = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Working...</title></head><body>
<form method="POST" name="hiddenform" action="${escapeHtml(redirectUri)}">
${fields.join("\n")}
<noscript><p>Script is disabled. Click Submit to continue.</p><input type="submit" value="Submit"></noscript>
</form>
<script>document.forms[0].submit();</script>
</body></html>`;
}

export function signOutPage(user: User | undefined, action: string): string {
  return user === undefined
    ? page(
        "ConvergedSignedOut",
        "Signed out",
        "<h1>You signed out of your account</h1><p>It’s a good idea to close all browser windows.</p>",
      )
    : page(
        "ConvergedSignOut",
        "Sign out",
        `<h1>Which account do you want to sign out of?</h1>
<form method="post" action="${escapeHtml(action)}"><button name="account" value="${escapeHtml(user.oid)}">${escapeHtml(user.name)}</button></form>`,
      );
}
