import { describe, expect, it } from "vitest";
import {
  isDocumentNavigation,
  isTopLevelGet,
  sessionCounts,
} from "../../../pages-plugin/src/http/fetch-metadata.ts";

const own = "https://site.example";

function request(method: string, headers: Record<string, string>): Request {
  return new Request(`${own}/x`, { method, headers });
}

const navigate = (site: string) => ({
  "sec-fetch-site": site,
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
});

describe("sessionCounts", () => {
  it.each([
    [
      "GET from the page itself",
      "GET",
      { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
    ],
    [
      "POST from the page itself",
      "POST",
      { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", origin: own },
    ],
    ["address bar", "GET", navigate("none")],
    ["link on another site", "GET", navigate("cross-site")],
    ["link on a sibling preview", "HEAD", navigate("same-site")],
    [
      "link on another site, through a service worker of its own",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "empty" },
    ],
    ["no Fetch Metadata, GET", "GET", {}],
    ["no Fetch Metadata, POST with its own Origin", "POST", { origin: own }],
  ])("%s: yes", (_, method, headers) => {
    expect(sessionCounts(request(method, headers), own)).toBe(true);
  });

  it.each([
    [
      "sibling's script",
      "GET",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" },
    ],
    [
      "sibling's image",
      "GET",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    ],
    [
      "sibling's frame",
      "GET",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    ],
    [
      "sibling's form, through a service worker of its own",
      "POST",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "empty" },
    ],
    [
      "sibling's script that says nothing of what it is for",
      "GET",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
    ],
    [
      "sibling's no-cors POST without an Origin",
      "POST",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    ],
    ["sibling's form", "POST", { ...navigate("same-site"), origin: "https://other.site.example" }],
    [
      "cross-site fetch",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
    ],
    ["a value nobody knows", "GET", { "sec-fetch-site": "neighbour" }],
    ["no Fetch Metadata, POST without an Origin", "POST", {}],
    ["no Fetch Metadata, POST with another Origin", "POST", { origin: "https://evil.example" }],
    ["no Fetch Metadata, GET with another Origin", "GET", { origin: "https://evil.example" }],
    ["no Fetch Metadata, DELETE with Origin null", "DELETE", { origin: "null" }],
  ])("%s: no", (_, method, headers) => {
    expect(sessionCounts(request(method, headers), own)).toBe(false);
  });
});

describe("isDocumentNavigation", () => {
  it("believes Fetch Metadata over Accept", () => {
    expect(isDocumentNavigation(request("GET", { ...navigate("none"), accept: "application/json" }))).toBe(
      true,
    );
    expect(isDocumentNavigation(request("GET", { "sec-fetch-mode": "cors", accept: "text/html" }))).toBe(
      false,
    );
    expect(isDocumentNavigation(request("POST", { ...navigate("same-origin"), accept: "text/html" }))).toBe(
      false,
    );
  });

  it("goes by Accept where there is none", () => {
    expect(isDocumentNavigation(request("GET", { accept: "text/html,application/xhtml+xml" }))).toBe(true);
    expect(isDocumentNavigation(request("GET", { accept: "*/*" }))).toBe(false);
    expect(isDocumentNavigation(request("GET", {}))).toBe(false);
    expect(
      isDocumentNavigation(request("GET", { accept: "text/html", "x-requested-with": "XMLHttpRequest" })),
    ).toBe(false);
    expect(isDocumentNavigation(request("OPTIONS", { accept: "text/html" }))).toBe(false);
  });

  it("takes no frame for a top-level GET", () => {
    expect(isTopLevelGet(request("GET", { ...navigate("none"), "sec-fetch-dest": "iframe" }))).toBe(false);
    expect(isTopLevelGet(request("GET", navigate("none")))).toBe(true);
    expect(isTopLevelGet(request("GET", { accept: "text/html" }))).toBe(false);
  });
});
