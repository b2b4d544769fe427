/**
 * Text from outside (branch names, service messages, file names) on its way into a log, Markdown or HTML.
 * Control characters and Unicode's direction marks are shown, never obeyed (CVE-2021-42574).
 */
function visible(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/**
 * Makes text safe for a log line: the runner reads `::name::` at the start of a line, and `##[name]` anywhere, as a
 * command of ours. Source: actions/runner, ActionCommand.TryParseV2 and TryParse.
 */
export function forLog(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      visible(line)
        .replace(/^(\s*):(?=:)/, "$1: ")
        .replaceAll("##[", "# #["),
    )
    .join("\n");
}

/**
 * Makes text safe as HTML content and as a quoted attribute value, also inside Markdown and its tables, which look for
 * bars, ticks and line ends before they look for tags.
 */
export function forHtml(text: string): string {
  return visible(oneLine(text)).replace(/[&<>"'|`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Makes text safe inside GitHub's Markdown, table cells included: no markup, no HTML, no link. Line breaks become
 * spaces. Mentions and references to issues are found in the rendered text, entities or not: a word joiner parts them.
 */
export function forMarkdown(text: string): string {
  return visible(oneLine(text))
    .replace(/[&<>"'\\`*_{}[\]()#+\-.!|~$:/@]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/&#(?:64|35);/g, "$&\u2060");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
