import { hostErrors } from "../../../../contract/errors/host.ts";
import type { Entry } from "./activity-data.ts";

/** What happened, in two or three words, and how it is coloured. */
export function happened({ type, success }: Pick<Entry, "type" | "success">): {
  readonly words: string;
  readonly tone: "good" | "bad" | "";
} {
  const table = success ? successes : failures;
  const words = table[type] ?? (type >= 300_400 && type < 300_500 ? changes[type % 100] : undefined);
  return {
    words: words ?? (success ? "Done" : "Failed"),
    tone: success ? (type === 300_299 ? "good" : "") : "bad",
  };
}

const successes: Readonly<Record<number, string>> = {
  300201: "Signed in",
  300202: "Signed out",
  300299: "Let in",
  600102: "Looked at audit",
  600107: "Exported audit",
};
const failures: Readonly<Record<number, string>> = {
  300201: "Sign-in failed",
  300299: "Refused",
  600102: "Refused at audit",
  600107: "Refused at audit",
};
const changes: Readonly<Record<number, string>> = {
  1: "Created",
  2: "Read",
  3: "Changed",
  4: "Deleted",
  8: "Switched on",
  9: "Switched off",
};

/** What the operator is told of a code of the host's; empty for what is none. */
export function explained(code: string): string {
  if (!Object.hasOwn(hostErrors, code)) return "";
  return hostErrors[code as keyof typeof hostErrors].operator;
}

/** Who it was, as the row's `kind` says; empty for an ordinary user. */
export function kindOf(kind: unknown): string {
  return kind === "guest"
    ? "guest"
    : kind === "app"
      ? "application"
      : kind === "unknown"
        ? "kind of account unknown"
        : "";
}
