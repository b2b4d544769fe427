import type { Tried, Verdict } from "./verify.ts";

const order: readonly Tried["finding"][] = ["open", "unclear", "public", "closed", "nothing"];
const words: Readonly<Record<Verdict["verdict"], string>> = {
  open: "OPEN: the site answers somebody who is not signed in",
  closed: "closed",
  unclear: "can't tell: neither the site nor a gate answered everything",
};

/** What was tried and seen, a line for each different answer; what is open first and each by itself. */
export function verdictText({ url, verdict, gate, tried }: Verdict): string {
  const counts = order
    .map((finding) => [finding, tried.filter((one) => one.finding === finding).length] as const)
    .filter(([, count]) => count > 0)
    .map(([finding, count]) => `${count} ${finding}`);
  return [
    `${url}  ${words[verdict]}`,
    gate === undefined
      ? "  no Entra Gate says so of itself"
      : `  Entra Gate ${printable(gate.version)}, ${printable(gate.environment)}, policy ${printable(gate.policy)}`,
    `  ${tried.length} requests: ${counts.join(", ")}`,
    ...order.flatMap((finding) => rows(tried.filter((one) => one.finding === finding))),
  ].join("\n");
}

function rows(tried: readonly Tried[]): string[] {
  const alike = new Map<string, Tried[]>();
  for (const one of tried) {
    const key =
      one.finding === "open"
        ? `${one.method} ${one.target} ${one.kind}`
        : `${one.kind.split(":", 1)[0]} ${one.seen}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].map((group) => {
    const [{ finding, kind, method, target, seen }] = group as [Tried];
    const what =
      group.length === 1 ? `${kind}: ${method} ${target}` : `${kind.split(":", 1)[0]} (${group.length})`;
    return `  ${finding.padEnd(8)} ${printable(what).padEnd(48)} ${printable(seen)}`;
  });
}

/** What a server sent must not steer the terminal. */
function printable(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
