import { describe, expect, it } from "vitest";
import { guardResponse } from "../../../pages-plugin/src/site/guard-response.ts";
import { navigation } from "./support.ts";

const gated = { gated: true, personal: true };
const open = { gated: false, personal: false };

function guard(headers: [string, string][], how = gated, requestHeaders: Record<string, string> = {}) {
  return guardResponse(
    new Request("https://site.example/x", { headers: requestHeaders }),
    new Response("content", { headers }),
    how,
  ).headers;
}

describe("guardResponse", () => {
  it.each([
    ["public, max-age=0, must-revalidate", "private, max-age=0, must-revalidate"],
    ["public, s-maxage=31536000, immutable", "private, immutable"],
    ["Private, max-age=60", "private, max-age=60"],
    ["no-store", "private, no-store"],
    ['no-cache="set-cookie", public', "private, no-cache"],
    [undefined, "private, no-cache"],
  ])("a CDN caching what was gated: %s becomes %s", (before, after) => {
    expect(guard(before === undefined ? [] : [["cache-control", before]]).get("cache-control")).toBe(after);
  });

  it("keeps documents out of every cache, so that Back after sign-out shows nothing", () => {
    const html: [string, string][] = [
      ["content-type", "text/html; charset=utf-8"],
      ["cache-control", "public, max-age=60"],
    ];
    expect(guard(html).get("cache-control")).toBe("private, no-store");
    const pdf: [string, string][] = [["content-type", "application/pdf"]];
    expect(guard(pdf, gated, navigation).get("cache-control")).toBe("private, no-store");
    expect(guard(html, open).get("cache-control")).toBe("public, max-age=60");
  });

  it("leaves nothing that the edge could send ahead as early hints to somebody else", () => {
    const links = (value: string, how = gated) => guard([["link", value]], how).get("link");
    expect(links('</assets/merger.js>; rel="modulepreload"')).toBeNull();
    expect(links("<https://cdn.example>; rel=preconnect, </a,b.css>; rel=preload; as=style")).toBeNull();
    expect(links('</x>; as=script; rel="next preload", </items?page=2>; rel="next"')).toBe(
      '</items?page=2>; rel="next"',
    );
    expect(links("</a,preload>; rel=next")).toBe("</a,preload>; rel=next");
    expect(links("</open.css>; rel=preload", open)).toBe("</open.css>; rel=preload");
  });

  it("takes away what speaks to shared caches only", () => {
    const headers = guard([
      ["cdn-cache-control", "max-age=60"],
      ["cloudflare-cdn-cache-control", "max-age=60"],
      ["surrogate-control", "max-age=60"],
    ]);
    expect([...headers.keys()].filter((name) => /cdn|surrogate/.test(name))).toEqual([]);
    expect(headers.get("vary")).toBe("Cookie");
    expect(guard([["vary", "Accept, Cookie"]]).get("vary")).toBe("Accept, Cookie");
  });

  it("keeps gated answers from other origins", () => {
    const headers = guard([
      ["access-control-allow-origin", "*"],
      ["cross-origin-resource-policy", "cross-origin"],
    ]);
    expect(headers.has("access-control-allow-origin")).toBe(false);
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toBe("frame-ancestors 'self'");
  });

  it.each([
    ["content-security-policy", "default-src 'self'; frame-ancestors https://partner.example"],
    ["x-frame-options", "DENY"],
  ])("leaves the site's own rule for frames: %s", (name, value) => {
    const headers = guard([[name, value]]);
    expect(headers.get(name)).toBe(value);
    expect(headers.get("content-security-policy") ?? "").not.toContain("'self', frame");
    expect(headers.get("content-security-policy") ?? "").not.toContain("frame-ancestors 'self'");
  });

  it("adds to a policy that says nothing of frames, and is not fooled by its text", () => {
    const policy = "default-src 'self'; report-uri /frame-ancestors";
    expect(guard([["content-security-policy", policy]]).get("content-security-policy")).toBe(
      `${policy}, frame-ancestors 'self'`,
    );
  });

  it("drops Set-Cookie of the gate's names, also on open paths, and keeps the site's", () => {
    for (const how of [gated, open]) {
      const headers = guard(
        [
          ["set-cookie", "a=1; Path=/"],
          ["set-cookie", "__Host-entra-gate-session=evil; Path=/; Secure"],
          ["set-cookie", "__host-ENTRA-gate-tx-x=evil"],
          ["set-cookie", " =__Host-entra-gate-session=evil"],
          ["set-cookie", "b=2; HttpOnly"],
        ],
        how,
      );
      expect(headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; HttpOnly"]);
    }
  });

  it("leaves open answers to nobody in particular as they are", () => {
    const response = new Response("x", { headers: { "access-control-allow-origin": "*" } });
    expect(guardResponse(new Request("https://site.example/"), response, open)).toBe(response);
    const personal = guard(
      [
        ["cache-control", "public, max-age=60"],
        ["access-control-allow-origin", "*"],
      ],
      { gated: false, personal: true },
    );
    expect(personal.get("cache-control")).toBe("private, max-age=60");
    expect(personal.get("access-control-allow-origin")).toBe("*");
  });
});
