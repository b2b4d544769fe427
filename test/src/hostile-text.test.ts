import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { OutputReader } from "../../local/github/runner/commands.ts";
import { Masks } from "../../local/github/runner/masks.ts";
import { renderMarkdown } from "../../local/github/web/markdown.ts";
import { ActionError } from "../../src/errors.ts";
import { runnerLog } from "../../src/log.ts";
import { describeReport } from "../../src/steps/probe-report.ts";
import type { Outcome } from "../../src/steps/report-model.ts";
import { reportMarkdown, statusLine } from "../../src/steps/report-text.ts";
import type { ProbeOutcome, ProbeReport } from "../../src/steps/types.ts";

/** Text as branch names, file names, titles and services' answers might hold it. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."::set-output name=x::y|::add-mask::|::stop-commands::x|##[add-mask]|##[error]|%0A::error::|\n|\r|\r\n|\u2028|\0|\u001b[31m".split(
          "|",
        ),
        ..."<script>|</td>|<img src=x onerror=y>|<!--|-->|<details>|&lt;|&#60;|\"|'|`|```|~~~|@octocat|#1|GH-1|www.evil.example".split(
          "|",
        ),
        ..."![x](https://evil.example)~[x](y)~**~__~|~---~# x~> x~- x~1. x~\\~https://evil.example~\u202e~\u200b~$(id)~`id`~;rm -rf /".split(
          "~",
        ),
      ),
      fc.string({ maxLength: 6 }),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(""));

afterEach(() => vi.restoreAllMocks());

/** What the runner makes of all that is printed meanwhile. */
function readBack(print: () => void): OutputReader & { readonly masks: string } {
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  print();
  vi.restoreAllMocks();
  const masks = new Masks();
  const reader = new OutputReader(masks, () => {});
  for (const line of printed.split(/\r?\n/)) reader.line(line);
  return Object.assign(reader, { masks: masks.apply(printed) === printed ? "" : "masked" });
}

describe("no line of the log", () => {
  it("is a command of somebody else's", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const seen = readBack(() => runnerLog.info(text));
        expect(seen.annotations).toEqual([]);
        expect(seen.masks).toBe("");
        expect(seen.log).not.toContain("##[");
      }),
    );
  });

  it.each(["notice", "warning", "error"] as const)(
    "of a %s is more than that one, with title and text",
    (level) => {
      fc.assert(
        fc.property(hostile, hostile, (title, text) => {
          const { annotations, masks } = readBack(() => runnerLog[level](`t${title}`, text));
          expect(annotations).toHaveLength(1);
          expect(annotations[0]?.level).toBe(level);
          expect(Object.keys(annotations[0]?.properties ?? {})).toEqual(["title"]);
          expect(masks).toBe("");
        }),
      );
    },
  );

  it("opens a group but its own", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (title) => {
        let done: Promise<unknown> = Promise.resolve();
        const seen = readBack(() => {
          done = runnerLog.group(title, async () => undefined);
        });
        await done;
        expect(seen.annotations).toEqual([]);
        expect(seen.log.split("##[").length).toBe(2);
      }),
    );
  });
});

const probes = (text: string, outcome: ProbeOutcome): ProbeReport => {
  const result = { origin: text, method: text, target: text, kind: text, outcome, status: 200, reason: text };
  return { total: 1, open: 1, inconclusive: 0, broken: 0, ok: false, results: [result] };
};

/** Everything that a report can hold, each text of it the same. */
function outcomeOf(text: string, failed: boolean): Outcome {
  const deployment = {
    id: text,
    project: text,
    url: text,
    aliases: [text, text],
    branch: text,
    bundle: text,
  };
  return {
    subject: { project: text, environment: "preview", commit: text, pullRequest: 7, runUrl: text },
    gated: true,
    verified: true,
    deployment: { ...deployment, environment: "preview" },
    rehearsal: probes(text, "open"),
    verification: probes(text, "inconclusive"),
    policyDigest: text,
    signInOrigin: "https://sign-in.example",
    changes: [text, text],
    ...(failed
      ? { error: new ActionError("verify-open", `${describeReport(probes(text, "broken"))}\n${text}`) }
      : {}),
  };
}

/** The tags of what GitHub would show, in order, without the addresses in them. */
function structure(markdown: string): string[] {
  return [...renderMarkdown(markdown).matchAll(/<(\/?[a-z0-9]+)((?:\s[a-z-]+="[^"]*")*)\s*>/gi)].map(
    ([, tag, attributes = ""]) =>
      [tag, ...[...attributes.matchAll(/\s([a-z-]+)="[^"]*"/g)].map(([, name]) => name)].join(" "),
  );
}

describe("no text in a report", () => {
  it.each([false, true])("becomes markup, a link or a mention (failed: %s)", (failed) => {
    fc.assert(
      fc.property(hostile, (text) => {
        // A failure shows the lines of its detail one by one: that many, and not one more.
        const plain = text.replace(/[^\n]/g, "x");
        const markdown = reportMarkdown(outcomeOf(text, failed), { changes: true });
        expect(structure(markdown)).toEqual(
          structure(reportMarkdown(outcomeOf(plain, failed), { changes: true })),
        );
        // GitHub looks for mentions in what is shown, not in attributes.
        const shown = markdown.replace(/="[^"]*"/g, "");
        for (const seen of ["@octocat", " #1", "\u202e", "\u001b"]) expect(shown).not.toContain(seen);
      }),
    );
  });

  it("adds a line to a status", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const failed of [false, true]) expect(statusLine(outcomeOf(text, failed))).not.toContain("\n");
      }),
    );
  });
});

describe("no text reaches a shell:", () => {
  const root = join(import.meta.dirname, "..", "..");
  const sources = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );

  it.each(["src", "pages-plugin/src"])("%s starts programs with a list of arguments only", (folder) => {
    const starting = sources(folder).flatMap((name) => {
      const code = readFileSync(join(root, folder, name), "utf8");
      return code.includes("child_process") ? [[name, code] as const] : [];
    });
    expect(starting.length).toBeGreaterThan(0);
    for (const [name, code] of starting)
      expect([name, /\bshell\s*:|\{[^}]*\bexec(Sync)?\b[^}]*\} from/.exec(code)?.[0]]).toEqual([
        name,
        undefined,
      ]);
  });

  it("the example's workflows put no expression into a script", () => {
    const folder = join(root, "examples", "demo", ".github", "workflows");
    for (const name of readdirSync(folder)) {
      const { jobs } = parse(readFileSync(join(folder, name), "utf8")) as {
        jobs: Record<string, { steps: { run?: string }[] }>;
      };
      const scripts = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = "" }) => run));
      expect([name, scripts.filter((script) => script.includes("${{"))]).toEqual([name, []]);
    }
  });
});
