import fc from "fast-check";
import { expect, it } from "vitest";
import { renderMarkdown } from "../../../../local/github/web/markdown.ts";

it("renders what a bot's comment is made of", () => {
  const html = renderMarkdown(
    '<!-- marker -->\n## Preview **ready**\n\n[![card](http://a.localhost:1/c.png)](http://a.localhost:1/)\n\n| a | b |\n|---|---|\n| `x` | [l](https://l.test/_a_b_) |\n\n- one\n- two\n\n```json\n{"a": "<b>"}\n```\n<details><summary>More</summary>\n\ntext\n</details>',
  );
  expect(html).not.toContain("marker");
  expect(html).toContain("<h2>Preview <strong>ready</strong></h2>");
  expect(html).toContain(
    '<a href="http://a.localhost:1/" rel="nofollow"><img alt="card" src="http://a.localhost:1/c.png"></a>',
  );
  expect(html).toContain("<td><code>x</code></td>");
  expect(html).toContain('href="https://l.test/_a_b_"');
  expect(html).toContain("<ul><li>one</li><li>two</li></ul>");
  expect(html).toContain("{&quot;a&quot;: &quot;&lt;b&gt;&quot;}");
  expect(html).toContain("<details><summary>More</summary>");
});

it("reads character references in text and addresses as HTML does, in code as they are", () => {
  expect(renderMarkdown("a &#42;b&#42; &lt;img src=x&gt; `&lt;`")).toBe(
    "<p>a &#42;b&#42; &lt;img src=x&gt; <code>&amp;lt;</code></p>",
  );
  expect(renderMarkdown('<a href="https://a.test/?a=1&amp;b=2">x</a>')).toContain(
    'href="https://a.test/?a=1&amp;b=2"',
  );
});

const hostile = [
  "<script>alert(1)</script>",
  '<img src=x onerror="alert(1)">',
  '<img src="javascript:alert(1)">',
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](javascript&#58;alert(1))",
  '<a href="/&#47;evil.test">x</a>',
  "![x](data:text/html,<script>)",
  '<a href="//evil.test">x</a>',
  '[x](https://a.test/" onmouseover="alert(1))',
  '<details ontoggle="alert(1)" open>',
  "<svg/onload=alert(1)>",
  "<iframe src=https://a.test></iframe>",
  "<!-- <!-- --> --><style>*{}</style>",
];

/** Tags of the result with their attributes; text between them is escaped. */
function tagsOf(html: string): string[] {
  return html.match(/<[^>]*>/g) ?? [];
}

function isHarmless(tag: string): boolean {
  const attributes = '(?: (?:href|src|alt|title|width|height|align|media|srcset|rel|class)="[^"<>]*"| open)*';
  return (
    new RegExp(`^</?[a-z][a-z0-9]*${attributes}>$`).test(tag) &&
    !/javascript:|data:|"\/\//i.test(tag) &&
    !/^<\/?(script|svg|iframe|style)/.test(tag)
  );
}

it.each(hostile)("makes nothing harmful of %s", (markdown) => {
  expect(tagsOf(renderMarkdown(markdown)).filter((tag) => !isHarmless(tag))).toEqual([]);
});

it("makes nothing harmful of any mixture", () => {
  const piece = fc.oneof(
    fc.constantFrom(...hostile, "`", "**", "_", "|", "\n", "> ", "[", "](", ")", "\uE0000\uE000"),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      return tagsOf(renderMarkdown(pieces.join(""))).every(isHarmless);
    }),
  );
});
