import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../../../pages-plugin/src/host/audit-page/html.ts";

test("whatever is put in is text, in elements and in attributes in double quotes", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { text: made } = html`<p title="${text}">${text}</p>`;
      expect(made.match(/[<>]/g)).toEqual(["<", ">", "<", ">"]);
      expect(made.match(/"/g)).toHaveLength(2);
      const back = made
        .slice(made.indexOf(">") + 1, -4)
        .replaceAll("&quot;", '"')
        .replaceAll("&gt;", ">")
        .replaceAll("&lt;", "<")
        .replaceAll("&amp;", "&");
      expect(back).toBe(text);
    }),
  );
});

test("what was made so goes in as it is, lists one after the other, and nothing for nothing", () => {
  expect(html`<ul>${["<a>", "b"].map((item) => html`<li>${item}</li>`)}</ul>`.text).toBe(
    "<ul><li>&lt;a&gt;</li><li>b</li></ul>",
  );
  expect(html`${false}${true}${undefined}${0}${""}`.text).toBe("0");
});
