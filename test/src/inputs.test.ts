import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ActionError } from "../../src/errors.ts";
import { readInputs } from "../../src/inputs.ts";

const good = {
  "INPUT_TENANT-ID": "11111111-2222-3333-4444-555555555555",
  "INPUT_CLIENT-ID": "AAAAAAAA-2222-3333-4444-555555555555",
  "INPUT_PROJECT-NAME": "demo",
  "INPUT_SIGN-IN-HOST-PROJECT": "demo-sign-in",
  "INPUT_CLOUDFLARE-API-TOKEN": "cf-token",
  "INPUT_CLOUDFLARE-ACCOUNT-ID": "0123456789abcdef0123456789abcdef",
  "INPUT_GITHUB-TOKEN": "gh-token",
};

function refused(env: Record<string, string>): ActionError {
  try {
    readInputs(env, () => {});
  } catch (error) {
    if (error instanceof ActionError) return error;
  }
  throw new Error("was not refused");
}

describe("readInputs", () => {
  it("fills in what was left out and normalises ids", () => {
    const inputs = readInputs(good, () => {});
    expect(inputs.command).toBeUndefined();
    expect(inputs).toMatchObject({
      clientId: "aaaaaaaa-2222-3333-4444-555555555555",
      signInHost: "own",
      policyPath: "gate.json",
      artifact: "entra-gate",
      entraAuthority: "https://login.microsoftonline.com",
    });
    expect(inputs.gateClientId).toBeUndefined();
    expect(Object.isFrozen(inputs)).toBe(true);
  });

  it("masks every secret before it complains about anything", () => {
    const masked: string[] = [];
    expect(() =>
      readInputs({ ...good, INPUT_COMMAND: "nonsense" }, (secret) => {
        masked.push(secret);
      }),
    ).toThrow(ActionError);
    expect(masked).toEqual(["cf-token", "gh-token"]);
  });

  it("names every mistake at once, with the input and the remedy", () => {
    const error = refused({ "INPUT_TENANT-ID": "contoso", "INPUT_SIGN-IN-HOST": "rent" });
    expect(error.code).toBe("inputs-invalid");
    const lines = error.detail.split("\n").map((line) => line.split(":")[0]);
    expect(new Set(lines)).toEqual(
      new Set([
        "tenant-id",
        "client-id",
        "project-name",
        "sign-in-host",
        "sign-in-host-project",
        "cloudflare-api-token",
        "cloudflare-account-id",
        "github-token",
      ]),
    );
    for (const line of error.detail.split("\n")) expect(line).toMatch(/; give .+\.$/);
  });

  it("never repeats a secret's value", () => {
    const error = refused({ ...good, "INPUT_CLOUDFLARE-API-TOKEN": "se cret" });
    expect(error.message).not.toContain("se cret");
  });

  it.each(["token", "destroy"])("has no command %s", (command) => {
    expect(refused({ ...good, INPUT_COMMAND: command }).code).toBe("command-unavailable");
  });

  it("takes a command that there is", () => {
    expect(readInputs({ ...good, INPUT_COMMAND: "protect" }, () => {}).command).toBe("protect");
  });

  it.each(["../gate.json", "/etc/passwd", "a/../../gate.json", "a\\b", "a\0b"])(
    "refuses policy %j",
    (policy) => {
      expect(refused({ ...good, INPUT_POLICY: policy }).detail).toMatch(/^policy:/);
    },
  );

  it("joins working directory and policy", () => {
    const env = { ...good, "INPUT_WORKING-DIRECTORY": "./sites/docs/", INPUT_POLICY: "gate.json" };
    expect(readInputs(env, () => {})).toMatchObject({
      workingDirectory: "sites/docs",
      policyPath: "sites/docs/gate.json",
    });
  });

  it("keys the status by project where the site has a folder of its own", () => {
    expect(readInputs(good, () => {}).statusName).toBe("Entra Gate");
    const env = { ...good, "INPUT_WORKING-DIRECTORY": "sites/docs" };
    expect(readInputs(env, () => {}).statusName).toBe("Entra Gate (demo)");
  });

  it.each([
    ["http://login.example.com", false],
    ["https://login.example.com/tenant", false],
    ["https://user@login.example.com", false],
    ["http://login.localhost.example.com", false],
    ["https://login.example.com", true],
    ["http://login.localhost:4000", true],
  ])("takes %s as authority: %s", (authority, accepted) => {
    const env = { ...good, "INPUT_ENTRA-AUTHORITY": authority };
    if (accepted) expect(readInputs(env, () => {}).entraAuthority).toBe(authority);
    else expect(refused(env).detail).toMatch(/^entra-authority:/);
  });

  it("keeps site and sign-in host apart", () => {
    expect(refused({ ...good, "INPUT_SIGN-IN-HOST-PROJECT": "demo" }).detail).toMatch(
      /^sign-in-host-project:/,
    );
  });
});

describe("action.yml", () => {
  const action = parse(readFileSync(new URL("../../action.yml", import.meta.url), "utf8"));

  it("offers the inputs that are read, with the same defaults, each described", () => {
    const without = Object.fromEntries(
      Object.entries(good).filter(([name]) => name !== "INPUT_GITHUB-TOKEN"),
    );
    const names = refused(
      Object.fromEntries(Object.keys(action.inputs).map((name) => [`INPUT_${name.toUpperCase()}`, "\u0001"])),
    );
    expect(names.code).toBe("inputs-invalid");
    expect(names.detail).toMatch(/^command:/m);
    const env: Record<string, string> = { ...without };
    for (const [name, input] of Object.entries<{ default?: string; description: string }>(action.inputs)) {
      expect(input.description.length).toBeGreaterThan(20);
      if (input.default !== undefined) env[`INPUT_${name.toUpperCase()}`] = input.default;
    }
    expect(readInputs(env, () => {})).toEqual(
      readInputs({ ...good, "INPUT_GITHUB-TOKEN": "${{ github.token }}" }, () => {}),
    );
  });

  it("describes every output and runs on node24 from dist", () => {
    expect(Object.keys(action.outputs)).toEqual([
      "deployment-url",
      "alias-url",
      "deployment-id",
      "verified",
      "gated",
      "storage-state-path",
      "cookie",
      "session-expires",
      "evidence-path",
      "evidence-markdown-path",
      "findings-path",
      "sarif-path",
      "issue-url",
      "closed",
      "open",
      "unproven",
      "deleted",
      "findings",
      "projects",
      "doctor",
    ]);
    expect(action.runs).toEqual({ using: "node24", main: "dist/index.js" });
  });
});
