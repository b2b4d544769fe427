import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { ApplicationSecret } from "./model.ts";

export function secretDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A secret as addPassword makes it; its text is handed out once and kept nowhere. Times in ms since 1970. */
export function newSecret(options: {
  readonly displayName: string | null;
  readonly start: number;
  readonly end: number;
  readonly usableFrom: number;
}): { readonly secret: ApplicationSecret; readonly text: string } {
  const text = `${randomBytes(3).toString("base64url").slice(0, 3)}8Q~${randomBytes(25).toString("base64url").slice(0, 34)}`;
  return {
    text,
    secret: {
      keyId: randomUUID(),
      displayName: options.displayName,
      startDateTime: new Date(options.start).toISOString(),
      endDateTime: new Date(options.end).toISOString(),
      hint: text.slice(0, 3),
      digest: secretDigest(text),
      usableFrom: options.usableFrom,
    },
  };
}
