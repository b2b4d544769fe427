import { ImageResponse } from "@cloudflare/pages-plugin-vercel-og/api";

interface Element {
  readonly type: string;
  readonly props: { readonly style: Record<string, string | number>; readonly children?: unknown };
}

const box = (style: Record<string, string | number>, children?: unknown): Element => ({
  type: "div",
  props: { style: { display: "flex", ...style }, children },
});

/** What the card says: names that everybody who has the link knows anyway, and nothing of the site's content. */
function card(project: string, pullRequest: number | undefined): Element {
  return box(
    {
      width: "100%",
      height: "100%",
      flexDirection: "column",
      justifyContent: "space-between",
      padding: 80,
      background: "#14171d",
      color: "#eceff4",
    },
    [
      box(
        { fontSize: 34, color: "#aab2c0" },
        pullRequest === undefined ? "Production" : `Pull request #${pullRequest}`,
      ),
      box({ fontSize: project.length > 24 ? 64 : 96, lineHeight: 1.1 }, project),
      box({ alignItems: "center" }, [
        box({ width: 18, height: 18, borderRadius: 9, background: "#8ab4f8", marginRight: 24 }),
        box({ fontSize: 42 }, "Sign in to view"),
      ]),
    ],
  );
}

/** Answers a POST of `{ project, pullRequest? }` with the picture: 1200×630, PNG. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { project, pullRequest } = (await request.json()) as { project: string; pullRequest?: number };
    const picture = new ImageResponse(card(project, pullRequest) as never, { width: 1200, height: 630 });
    return new Response(await picture.arrayBuffer(), { headers: { "content-type": "image/png" } });
  },
};
