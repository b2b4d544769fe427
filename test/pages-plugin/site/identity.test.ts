import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Visitor } from "../../../contract/policy/model.ts";
import { headersOf, requestBehind } from "../../../pages-plugin/src/site/identity.ts";

const visitor: Visitor = {
  kind: "user",
  tid: "22222222-2222-4222-8222-222222222222",
  oid: "33333333-3333-4333-8333-333333333333",
  name: "Zoë % O’Brien, 山田",
  groups: ["11111111-1111-4111-8111-111111111111"],
  roles: ["Site.Admin", "Odd,Role"],
};

/** Spaces at the ends are not part of a header's value (RFC 9110 section 5.5); any other blank is encoded. */
function trimmed(text: string): string {
  return text.toWellFormed().replace(/^ +| +$/g, "");
}

function stripped(request: Request, who?: Visitor): Request {
  const read = { url: new URL(request.url), cookie: request.headers.get("cookie") };
  return requestBehind(request, who, read);
}

function behind(headers: [string, string][], who?: Visitor): Headers {
  return stripped(new Request("https://site.example/x", { headers }), who).headers;
}

describe("requestBehind", () => {
  it.each([
    "X-MS-CLIENT-PRINCIPAL",
    "x-ms-client-principal-id",
    "X-MS-CLIENT-PRINCIPAL-ANYTHING",
    "x-ms-token-aad-id-token",
    "x-entra-gate-roles",
    "X-Entra-Gate-Whatever",
    "X_MS_CLIENT_PRINCIPAL",
    "x-ms_client-principal-id",
    "X_Entra_Gate_Groups",
    "x.ms.client.principal",
    "x~entra~gate~roles",
  ])("CVE-2025-64484: the client's %s is gone, signed in or not (CVE-2026-30851)", (name) => {
    expect([...behind([[name, "spoofed"]]).keys()]).toEqual([]);
    expect([...behind([[name, "spoofed"]], visitor).values()]).not.toContain("spoofed");
  });

  it("replaces the client's copies with its own, and adds none where nobody is signed in", () => {
    const headers = behind(
      [
        ["x-ms-client-principal-id", "spoofed"],
        ["x-other", "kept"],
      ],
      visitor,
    );
    expect(headers.get("x-ms-client-principal-id")).toBe(visitor.oid);
    expect(headers.get("x-other")).toBe("kept");
    expect(headers.get("x-ms-client-principal-idp")).toBe("aad");
  });

  it("takes the gate's cookies out and leaves the site's", () => {
    expect(behind([["cookie", "a=1; __Host-entra-gate-session=x; b=2"]]).get("cookie")).toBe("a=1; b=2");
    expect(behind([["cookie", "__Host-entra-gate-session=x"]]).has("cookie")).toBe(false);
  });

  it("keeps method, body and address", async () => {
    const request = new Request("https://site.example/x?y=1", { method: "POST", body: "content" });
    const copy = stripped(request, visitor);
    expect([copy.method, copy.url, await copy.text()]).toEqual(["POST", request.url, "content"]);
  });

  it("lets no reserved name through, however it is spelled", () => {
    const letter = fc.constantFrom(
      "x",
      "X",
      "-",
      "_",
      ".",
      "ms",
      "MS",
      "client",
      "principal",
      "token",
      "entra",
      "gate",
      "id",
    );
    fc.assert(
      fc.property(fc.array(letter, { minLength: 1, maxLength: 9 }), (parts) => {
        for (const name of behind([[parts.join(""), "spoofed"]]).keys()) {
          expect(name.replace(/[^a-z0-9]/gi, "-").toLowerCase()).not.toMatch(
            /^x-(ms-client-principal|ms-token-|entra-gate-)/,
          );
        }
      }),
    );
  });
});

describe("headersOf", () => {
  it("writes the principal as EasyAuth does", () => {
    const bytes = Uint8Array.from(atob(headersOf(visitor)["x-ms-client-principal"] ?? ""), (char) =>
      char.charCodeAt(0),
    );
    const principal = JSON.parse(new TextDecoder().decode(bytes)) as {
      claims: { typ: string; val: string }[];
    };
    expect(principal).toMatchObject({ auth_typ: "aad", name_typ: "name", role_typ: "roles" });
    expect(principal.claims).toContainEqual({ typ: "name", val: visitor.name });
    expect(principal.claims.filter(({ typ }) => typ === "roles")).toHaveLength(2);
    expect(principal.claims).toContainEqual({
      typ: "http://schemas.microsoft.com/identity/claims/objectidentifier",
      val: visitor.oid,
    });
  });

  it("any name and role survive the header, and none can end it", () => {
    const lists = fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), lists, (name, roles) => {
        const headers = headersOf({ ...visitor, name, roles });
        expect(() => new Headers(headers)).not.toThrow();
        expect(decodeURIComponent(headers["x-ms-client-principal-name"] ?? "")).toBe(trimmed(name));
        const read = (headers["x-entra-gate-roles"] ?? "").split(",").filter(Boolean).map(decodeURIComponent);
        expect(read).toEqual(roles.map(trimmed).filter(Boolean));
      }),
    );
  });
});
