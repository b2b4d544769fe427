import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { siteErrors } from "../../../contract/errors/site.ts";
import { siteAnswers } from "../../../contract/errors/site-answers.ts";
import { siteTexts } from "../../../contract/texts/site.ts";
import { createAnswers, jsonAnswer, redirectAnswer } from "../../../pages-plugin/src/http/answers.ts";
import { GateFault } from "../../../pages-plugin/src/http/fault.ts";
import { parseOrigin } from "../../../pages-plugin/src/http/origin.ts";
import { newReference } from "../../../pages-plugin/src/http/reference.ts";
import { version } from "../../../pages-plugin/src/http/version.ts";

const url = "https://site.example/x";
const navigation = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const { refuse } = createAnswers(siteAnswers, siteTexts, "A site");
const { page: pageAnswer } = createAnswers({}, {} as Record<string, never[]>);

describe("refuse", () => {
  it("answers navigations with a page and all else with JSON, both with code and reference", async () => {
    const page = refuse(new Request(url, { headers: navigation }), "not-admitted", {
      reference: "ABCDE-FGHJK",
    });
    const json = refuse(new Request(url), "not-admitted", { reference: "ABCDE-FGHJK" });
    for (const answer of [page, json]) {
      expect(answer.status).toBe(403);
      expect(answer.headers.get("x-entra-gate-code")).toBe("not-admitted");
      expect(answer.headers.get("x-entra-gate-reference")).toBe("ABCDE-FGHJK");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    expect(await page.text()).toContain("ABCDE-FGHJK");
    expect(await json.json()).toEqual({
      error: "not-admitted",
      reference: "ABCDE-FGHJK",
      message: siteErrors["not-admitted"].visitor,
    });
  });

  it("never shows the operator's text", async () => {
    for (const code of Object.keys(siteErrors) as (keyof typeof siteErrors)[]) {
      const text = await refuse(new Request(url, { headers: navigation }), code, { reference: "R" }).text();
      expect(text).not.toContain(siteErrors[code].operator);
    }
  });

  it("answers HEAD like GET, without the body", async () => {
    const answer = refuse(new Request(url, { method: "HEAD", headers: navigation }), "sign-in-required", {
      reference: "R",
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await answer.text()).toBe("");
  });
});

describe("pages", () => {
  it("escape every text and let nothing in that isn't theirs", async () => {
    const hostile = `"><script>alert(1)</script>'&`;
    const answer = pageAnswer(new Request(url), {
      title: hostile,
      paragraphs: [hostile],
      facts: [[hostile, [hostile], [hostile]]],
      site: hostile,
      actions: [
        { href: hostile, label: hostile },
        { post: "/x", label: hostile, fields: { [hostile]: hostile } },
      ],
      reference: hostile,
      card: hostile,
    });
    const text = await answer.text();
    expect(text).not.toContain("<script>alert");
    expect(text.match(/="[^"]*"/g)?.some((part) => part.includes("<"))).toBe(false);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toContain("script-src");
  });

  it("let forms go exactly where they say", () => {
    const policy = (post: string) =>
      pageAnswer(new Request(url), { title: "", paragraphs: [], actions: [{ post, label: "" }] }).headers.get(
        "content-security-policy",
      );
    expect(policy("https://p.example/.auth/accept")).toContain("form-action https://p.example;");
    expect(
      pageAnswer(new Request(url), { title: "", paragraphs: [] }).headers.get("content-security-policy"),
    ).toContain("form-action 'none'");
  });

  it("use a nonce once", () => {
    const one = pageAnswer(new Request(url), { title: "", paragraphs: [], script: "1" });
    const two = pageAnswer(new Request(url), { title: "", paragraphs: [], script: "1" });
    expect(one.headers.get("content-security-policy")).not.toBe(two.headers.get("content-security-policy"));
  });
});

describe("small parts", () => {
  it("redirects with 303 unless told otherwise", () => {
    expect(redirectAnswer(new Request(url), "/y").status).toBe(303);
    expect(
      redirectAnswer(new Request(url), "/y", { status: 302, cookies: ["a=b", "c=d"] }).headers.getSetCookie(),
    ).toHaveLength(2);
    expect(jsonAnswer(new Request(url), {}).headers.has("access-control-allow-origin")).toBe(false);
  });

  it.each([
    ["https://site.example", true],
    ["https://site.example:8443", true],
    ["http://demo.localhost:8788", true],
    ["http://localhost", true],
    ["http://site.example", false],
    ["http://evil-localhost", false],
    ["http://localhost.evil.example", false],
    ["https://site.example/", false],
    ["https://SITE.example", false],
    ["https://user@site.example", false],
    ["https://site.example:443", false],
    ["https://site.example?", false],
    ["null", false],
    ["", false],
    ["file:///x", false],
    ["javascript:x", false],
  ])("origin %s: %s", (value, good) => {
    expect(parseOrigin(value)).toBe(good ? value : undefined);
  });

  it("makes references that can be read out", () => {
    const reference = newReference((bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
    expect(reference).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(new GateFault("a", "b")).toMatchObject({ code: "a", detail: "b", name: "GateFault" });
  });

  it("tells the package's own version", () => {
    const { version: own } = JSON.parse(readFileSync("pages-plugin/package.json", "utf8")) as {
      version: string;
    };
    expect(version).toBe(own);
  });
});
