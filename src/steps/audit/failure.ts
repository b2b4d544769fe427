import { ActionError } from "../../errors.ts";
import { type Audited, findingsOf } from "./result.ts";

const shownLines = 20;

/** What the run fails with: nothing where findings are no more than out of date. */
export function failureOf(audited: Pick<Audited, "checks">): ActionError | undefined {
  const found = findingsOf(audited).filter(({ severity }) => severity !== "soon");
  if (found.length === 0) return undefined;
  const lines = found.map(({ code, subject, text }) => `${code}: ${subject}: ${text}`);
  const more = lines.length > shownLines ? [`and ${lines.length - shownLines} more`] : [];
  const onlyRenewal = found.every(({ code }) => code === "renewal-failed");
  return new ActionError(
    onlyRenewal ? "renewal-failed" : "audit-found",
    [...lines.slice(0, shownLines), ...more].join("\n"),
  );
}
