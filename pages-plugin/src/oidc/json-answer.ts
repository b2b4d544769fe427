/** Answers of Entra are a few KB; what is longer is not one. */
const longestAnswer = 256 * 1024;

/** Why an answer could not be read; the caller knows which code that is. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

/**
 * Reads a JSON object, giving up at a limit instead of taking whatever a provider keeps sending.
 *
 * @param longest in bytes
 * @throws UnreadableAnswer for another content type, too long a body, bad UTF-8, or JSON that is not an object
 */
export async function readJsonObject(
  response: Response,
  longest = longestAnswer,
): Promise<Readonly<Record<string, unknown>>> {
  const type = response.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    await response.body?.cancel();
    throw new UnreadableAnswer("content type");
  }
  const value = parse(await readText(response, longest));
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UnreadableAnswer("no object");
  return value as Readonly<Record<string, unknown>>;
}

async function readText(response: Response, longest: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      length += part.value.byteLength;
      if (length > longest) {
        await reader?.cancel();
        throw new UnreadableAnswer("too long");
      }
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new UnreadableAnswer("bad UTF-8 or cut off");
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the answer, which may hold a token.
    throw new UnreadableAnswer("no JSON");
  }
}
