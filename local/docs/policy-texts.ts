/** What docs/policy.md says beside the tables that are made from the schema. */
export const policyTexts = {
  introduction: `# The policy: gate.json

Plain JSON without comments. The gate enforces it, the action brings Entra to what it needs and checks it from outside.
What this version would not enforce, or does not know, is an error that names the place and what to write instead.
Only the default branch's policy counts, whatever a pull request changes; in plugin use without the action it is the
policy that the deployment was built with.

\`npx entra-gate test\` runs its \`tests\`, \`entra-gate explain /admin/ --as groups=reviewers\` says step by step which rule
decides. An editor that follows \`$schema\` completes and checks it.

Here is each key once. It is not one to copy: its production only reports.
`,
  chapters: `## Who is let in

The first rule whose path covers the request decides; **no rule, no environment, no policy: denied.** \`allow\` is one of

- \`"anyone"\`: everybody, also without signing in. Somebody who is signed in is known to the site there, too.
- \`"members"\`: users of the tenant that are no guests. Entra says so by the claim \`acct\`; without it nobody is a member.
- \`"guests"\`: the tenant's guests, likewise.
- lists, any of which is enough: \`groups\`, \`roles\` (both by names that the policy lists), \`apps\`, \`scopes\`.

Machines are not people. An application that asks for itself (client credentials, federation) is let in by its \`roles\`
or by its client id in \`apps\`, never by a group or as a member. An application that asks for a user with an access token
is let in by a rule's \`scopes\` and by nothing else: what somebody may see himself, not every program that he uses may.
Access tokens are taken by the sign-in host, and by production where \`bearer\` says so; a preview never takes one.

All groups and roles that one environment's rules name have to fit into a cookie together: 50 groups, or fewer groups
with some roles.

## Proving it again

\`signedInWithin\` and \`authContext\` send a visitor who is let in but has not met them back to Microsoft once: with
\`prompt=login\`, or asking for the authentication context, which a Conditional Access policy of the tenant should protect
(an unprotected context proves nothing). What is still not met after that is explained, not tried again.

## Report mode

\`"mode": "report"\` in an environment closes nothing: what the rules would have denied is let through, with the visitor's
identity where there is a session, and logged as such (action \`Observed\`, disposition \`Logged\`, with the reason). Use it
to learn whom a new policy would lock out. \`/.auth/status\` says \`"mode": "report"\`; the action's outputs say
\`gated: false\` and never \`verified\`, and comment, summary and commit status say so, too. Everybody in the tenant may
sign in meanwhile (at \`/.auth/login\`). The gate's own endpoints, settings that are wrong and previews past their
\`expires\` stay closed.

## Other origins (cors)

A session counts only for what this very site or the visitor himself started; a script of another origin is nobody.
\`cors\` in a rule names origins for which that is otherwise. The gate answers their preflights, lets them read the
answers, refusals included, and with \`credentials\` counts the session for their requests by \`fetch\`. It has no use for
forms, web sockets and pictures, and there is no \`*\`. Origins are compared whole: scheme, host and port.

A browser sends the session's cookie (SameSite=Lax) along only within one site: from \`app.example.com\` to
\`docs.example.com\`, but not from \`app.example.org\`, nor between two projects on \`pages.dev\`. For front ends elsewhere
use access tokens, in production: \`bearer\`, and \`Authorization\` among the \`headers\`. A preview of the front end has
another origin with each pull request, so list what is fixed.

Beside \`allow: "anyone"\` it can't stand: there the site answers other origins itself.

## Open

\`"production": "open"\` says that production is not gated at all; it is deployed as it was built. Only production can be.
`,
  headings: {
    "": "The file",
    session: "`session`",
    audit: "`audit`",
    "tests[]": "A test (`tests[]`)",
    "tests[].as": "Who asks in a test (`tests[].as`)",
    "preview, production": "`preview` and `production`",
    "rules[]": "A rule (`rules[]`)",
    "rules[].allow": "Lists of an `allow`",
    "rules[].cors": "`cors`",
  } as Readonly<Record<string, string>>,
};
