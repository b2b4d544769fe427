import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { printSetup } from "../../../../pages-plugin/src/cli/setup/print.ts";
import { shellWord } from "../../../../pages-plugin/src/cli/setup/shell.ts";
import { names } from "./context.ts";

/** Runs the printed script, which is for any POSIX shell, with az and gh that only write down how they were called. */
function callsOf(script: string): string[][] {
  const recording = `call() { for word in "$@"; do printf '%s\\036' "$word" >&3; done; printf '\\035' >&3; }
az() { call az "$@"; echo id-of-it; }
gh() { call gh "$@"; case "$2" in */customization/sub) echo repo:acme@77/site@4242;; esac; }
exec 3>&1 1>/dev/null
`;
  // Whatever it leaves of its input is read, lest writing it fail.
  const out = execFileSync("sh", ["-c", `${recording}${script}\ncat >/dev/null`], {
    input: "the-token\n",
    stdio: "pipe",
    encoding: "utf8",
  });
  return out
    .split("\u001d")
    .slice(0, -1)
    .map((call) => call.split("\u001e").slice(0, -1));
}

describe("entra-gate setup --print az", () => {
  it("is a script that a shell runs, each value one word", () => {
    const calls = callsOf(printSetup(names, "az").text);
    const credential = calls.find((call) => call.includes("federated-credential"))?.at(-1) ?? "";
    expect(JSON.parse(credential)).toMatchObject({
      subject: "repo:acme@77/site@4242:environment:entra-gate",
    });
    const shown = callsOf(printSetup({ ...names, subject: "repo:a'b:environment:x" }, "az").text).flat();
    expect(shown.some((word) => word.includes("repo:a'b:environment:x"))).toBe(true);
    const owner = calls.find(([, command]) => command === "rest") ?? [];
    expect(owner).toContain(
      "https://graph.microsoft.com/v1.0/servicePrincipals(appId='id-of-it')/owners/$ref",
    );
    expect(JSON.parse(owner.at(-1) ?? "")).toEqual({
      "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/id-of-it",
    });
    expect(calls.filter((call) => call.includes("variable")).length).toBe(6);
    expect(
      calls.find((call) =>
        call.includes("repos/acme/site/environments/entra-gate/deployment-branch-policies"),
      ),
    ).toContain("name=trunk");
  });

  it("puts Cloudflare's token into no argument", () => {
    expect(callsOf(printSetup(names, "az").text).flat()).not.toContain("the-token");
  });

  it("quotes whatever a name may hold", () => {
    const odd = 'it\'s; $(x) `y` "z" \n';
    expect(callsOf(`gh ${shellWord(odd)}`)).toEqual([["gh", odd]]);
    const branch = callsOf(printSetup({ ...names, defaultBranch: "a'$(x);b" }, "az").text);
    expect(branch.flat()).toContain("name=a'$(x);b");
  });
});

describe("entra-gate setup --print ticket", () => {
  it("names the applications that are there, so that nobody makes them twice", () => {
    const gateClientId = "6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a01";
    expect(printSetup({ ...names, gateClientId }, "ticket").text).toContain(gateClientId);
    expect(printSetup(names, "ticket").text).not.toContain("Already there");
    const calls = callsOf(printSetup({ ...names, gateClientId }, "az").text);
    expect(calls.filter((call) => call.join(" ").startsWith("az ad app create"))).toHaveLength(1);
  });

  it("says for each role what it has to do, and every step once", () => {
    const { text, data } = printSetup(names, "ticket");
    const { steps } = data as { steps: { title: string; role: string }[] };
    for (const { title, role } of steps) {
      expect(text.split(title)).toHaveLength(2);
      expect(text).toMatch(new RegExp(`^For an? ${role}:$`, "m"));
    }
  });
});

it("tells everything that is wrong at once", () => {
  const wrong = { ...names, repository: "site", accountId: "x", signInHostProject: "site" };
  try {
    printSetup(wrong, "az");
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "setup-invalid" });
    expect((error as Error).message.split("\n")).toHaveLength(3);
  }
});
