import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack as startTar } from "tar-stream";

export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
}

/** Writes a tar that depends on nothing but names and contents: no times, no owners, the order given. */
export async function writeTar(entries: readonly TarEntry[], path: string): Promise<void> {
  const tar = startTar();
  for (const { name, content } of entries)
    tar.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, content);
  tar.finalize();
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(tar as unknown as NodeJS.ReadableStream, createWriteStream(unfinished) as Writable);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
