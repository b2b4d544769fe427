import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { SetupNames } from "../../../../pages-plugin/src/cli/setup/names.ts";
import { printSetup } from "../../../../pages-plugin/src/cli/setup/print.ts";
import { shellWord } from "../../../../pages-plugin/src/cli/setup/shell.ts";

const names: SetupNames = {
  repository: "acme/site",
  defaultBranch: "trunk",
  environment: "entra-gate",
  project: "site",
  signInHostProject: "acme-sign-in",
  accountId: "0123456789abcdef0123456789abcdef",
};

/** Runs the printed script with az and gh that only write down how they were called. */
function callsOf(script: string): string[][] {
  const recording = `call() { for word in "$@"; do printf '%s\\036' "$word" >&3; done; printf '\\035' >&3; }
az() { call az "$@"; echo id-of-it; }
gh() { call gh "$@"; }
exec 3>&1 1>/dev/null
`;
  // Whatever it leaves of its input is read, lest writing it fail.
  const out = execFileSync("bash", ["-c", `${recording}${script}\ncat >/dev/null`], {
    input: "the-token\n",
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
    expect(JSON.parse(credential)).toMatchObject({ subject: "repo:acme/site:environment:entra-gate" });
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
  it("says for each role what it has to do, and every step once", () => {
    const { text, data } = printSetup(names, "ticket");
    const { steps } = data as { steps: { title: string; role: string }[] };
    for (const { title, role } of steps) {
      expect(text.split(title)).toHaveLength(2);
      expect(text).toContain(`For a ${role}:`);
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
