import { ImageResponse } from "@cloudflare/pages-plugin-vercel-og/api";
import type { CardText } from "../rehearsal/job.ts";

interface Element {
  readonly type: string;
  readonly props: { readonly style: Record<string, string | number>; readonly children?: unknown };
}

const size = { width: 1200, height: 630 };
const margin = 88;
/** Width of an average letter of the font, in its size; hyphens and capitals make up for each other. */
const letter = 0.58;

const box = (style: Record<string, string | number>, children?: unknown): Element => ({
  type: "div",
  props: { style: { display: "flex", ...style }, children },
});

/** The font is the one that comes with the renderer: Latin. In another script a site goes by its project's name. */
function titleOf({ name, project }: CardText): string {
  return name !== undefined && /^[\u0020-\u007e\u00a0-\u017f\u2010-\u2026]+$/.test(name) ? name : project;
}

/** As large as lets the title stand on two lines: 104 px, at least 56. */
function fontSizeOf(title: string): number {
  const line = size.width - 2 * margin;
  return Math.round(Math.min(104, Math.max(56, (1.7 * line) / (letter * title.length))));
}

/** What the card says: names that everybody who has the link knows anyway, and nothing of the site's content. */
function card(text: CardText): Element {
  const title = titleOf(text);
  const what = text.pullRequest === undefined ? "Production" : `Pull request #${text.pullRequest}`;
  return box(
    {
      width: "100%",
      height: "100%",
      flexDirection: "column",
      justifyContent: "space-between",
      padding: margin,
      background: "#13161b",
      color: "#eceff4",
    },
    [
      box({ alignItems: "center", fontSize: 36, color: "#a7b0bf" }, [
        box({ width: 22, height: 22, borderRadius: 11, background: "#8ab4f8", marginRight: 24 }),
        box({}, title === text.project ? what : `${text.project} · ${what}`),
      ]),
      box({ fontSize: fontSizeOf(title), lineHeight: 1.15, wordBreak: "break-word" }, title),
      box({}, [
        box(
          {
            padding: "18px 40px",
            borderRadius: 16,
            fontSize: 36,
            background: "#8ab4f8",
            color: "#13161b",
          },
          "Sign in to view",
        ),
      ]),
    ],
  );
}

/** Answers a POST of a CardText with the picture: 1200×630, PNG. */
export default {
  async fetch(request: Request): Promise<Response> {
    const text = (await request.json()) as CardText;
    const picture = new ImageResponse(card(text) as never, size);
    return new Response(await picture.arrayBuffer(), { headers: { "content-type": "image/png" } });
  },
};
