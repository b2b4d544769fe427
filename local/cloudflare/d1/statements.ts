/**
 * Splits the text of a REST query into its statements, as D1 does: at semicolons that stand in no string, quoted
 * name, comment or trigger body.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let current = "";
  let blocks = 0;
  for (const [token] of sql.matchAll(tokens)) {
    if (/^(begin|case)$/i.test(token) && /^\s*create\s+(temp\w*\s+)?trigger\b/i.test(current)) blocks += 1;
    if (/^end$/i.test(token) && blocks > 0) blocks -= 1;
    if (token === ";" && blocks === 0) {
      statements.push(current);
      current = "";
    } else if (!isComment(token)) {
      current += token;
    }
  }
  statements.push(current);
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}

const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\w+|[\s\S]/g;

function isComment(token: string): boolean {
  return token.startsWith("--") || token.startsWith("/*");
}
