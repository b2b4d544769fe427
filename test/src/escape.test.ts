import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forHtml, forLog, forMarkdown } from "../../src/escape.ts";

describe("forLog", () => {
  it("lets no text be read as a command of the runner", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom("::", ":", "set-output name=x", "##[", "#", "[", "\n", "\r", " ", "\t", "a"),
        ),
        (parts) => {
          for (const line of forLog(parts.join("")).split("\n")) {
            expect(line.trimStart().startsWith("::")).toBe(false);
            expect(line).not.toContain("##[");
            expect(line).not.toContain("\r");
          }
        },
      ),
    );
  });

  it("shows control characters and direction marks (CVE-2021-42574)", () => {
    expect(forLog("main\u202etxt.\u0007\u001b[31m")).toBe("main\\u{202e}txt.\\u{7}\\u{1b}[31m");
  });
});

describe("forHtml", () => {
  it("leaves no markup and no end of an attribute", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(forHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe("forMarkdown", () => {
  it("leaves nothing that Markdown, HTML or a table cell would act on", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."|`*_[]()<>&\\!#@~$\n\r.:/-+a1") }), (text) => {
        expect(forMarkdown(text).replace(/&#\d+;|\u2060/g, "")).toMatch(
          /^[a1 ]*(\\u\{d\}|[a1 ])*$|^[a1 u{}d\\]*$/,
        );
      }),
    );
  });

  it("mentions nobody and refers to nothing", () => {
    expect(forMarkdown("@octocat #12")).toBe("&#64;\u2060octocat &#35;\u206012");
  });
});
