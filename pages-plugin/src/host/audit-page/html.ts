import { escapeHtml } from "../../http/pages.ts";

/** Markup that was made by `html`, and so is safe to stand in a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Html | string | number | boolean | undefined | readonly Piece[];

/**
 * The one way in which the audit page is made: whatever is put in is text and escaped, unless `html` made it; a boolean is
 * nothing. Attributes stand in double quotes.
 */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(
    parts.map((part, index) => (index === 0 ? part : markup(pieces[index - 1]) + part)).join(""),
  );
}

function markup(piece: Piece): string {
  if (piece === undefined || typeof piece === "boolean") return "";
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(markup).join("");
  return escapeHtml(String(piece));
}
