/**
 * The JSON object that a request brings.
 *
 * @param longest in bytes
 * @returns undefined for another content type, too long a body, or what is no JSON object
 */
export async function readJsonRequest(
  request: Request,
  longest: number,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (!/^application\/json *(;|$)/i.test(request.headers.get("content-type") ?? "")) return undefined;
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > longest) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    const value: unknown = JSON.parse(text + decoder.decode());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
