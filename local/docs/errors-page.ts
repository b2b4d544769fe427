import { hostErrors } from "../../contract/errors/host.ts";
import { siteErrors } from "../../contract/errors/site.ts";
import { code, table } from "./markdown.ts";

/** docs/errors.md: what sites and the sign-in host answer. */
export function errorsPage(): string {
  const rows = (errors: Readonly<Record<string, { status: number; operator: string }>>) =>
    Object.entries(errors).map(([name, { status, operator }]) => [
      code(name),
      status === 0 ? "" : String(status),
      operator,
    ]);
  const head = ["Code", "HTTP", "What happened, and what to do"];
  return [
    "# What a gate answers, and why",
    "",
    "A visitor sees a reference; the log line with the same reference has the code, and `npx entra-gate explain` says what is",
    "written here. The action's own errors are in [action.md](action.md#errors).",
    "",
    "## Sites",
    table(head, rows(siteErrors)),
    "## The sign-in host",
    table(head, rows(hostErrors)),
  ].join("\n");
}
