import { createHash } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, extract as openTar } from "tar-stream";
import { fromBufferPromise, type Entry as ZipEntry } from "yauzl";
import { packLimits, tarEntries } from "../../contract/bundle/names.ts";
import {
  type PackedFile,
  type PackManifest,
  packedNameProblem,
  parseManifest,
  parseRoutes,
} from "../../contract/bundle/pack.ts";
import { ActionError } from "../errors.ts";
import type { Pack } from "./types.ts";

/** The one file that the build job's artifact holds. */
export const artifactFile = "entra-gate.tar";

/** Headers and padding of a tar, at most this much for each entry (one block, a pax header of up to four). */
const tarOverhead = 3_072;
const largestTar = packLimits.totalBytes + (packLimits.files + packLimits.modules + 3) * tarOverhead;
const largestManifest = 16 * 1024 * 1024;

interface Written {
  readonly size: number;
  readonly sha256: string;
}

const refuse = (detail: string) => new ActionError("artifact-invalid", detail);

/**
 * Unpacks a build's artifact. All of it is hostile input: a stranger's workflow made it. `pack.json` comes first and
 * says what follows; then only plain files under names that a pack may have are written, each once, within bounds,
 * and each must be exactly what was announced.
 *
 * @param zip the artifact as GitHub gives it: a zip that holds `entra-gate.tar` and nothing else
 * @param into an empty folder; on failure what is in it means nothing
 * @throws ActionError `artifact-invalid`, naming the entry; `artifact-too-large`
 */
export async function unpackArtifact(zip: Uint8Array, into: string): Promise<Pack> {
  const unpacked: { manifest?: PackManifest } = {};
  await fromZip(zip, async (tar) => {
    unpacked.manifest = await unpackTar(tar, into);
  });
  const { manifest } = unpacked;
  if (manifest === undefined) throw refuse("It is empty.");
  const routes = parseRoutes(await readFile(join(into, tarEntries.routes), "utf8"));
  if (!routes.ok) throw refuse(`${tarEntries.routes}: ${routes.message}.`);
  return { folder: into, manifest, routes: routes.value };
}

async function fromZip(zip: Uint8Array, use: (tar: Readable) => Promise<void>): Promise<void> {
  try {
    const file = await fromBufferPromise(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength), {
      strictFileNames: true,
    });
    if (file.entryCount !== 1)
      throw refuse(`It holds ${file.entryCount} files; only ${artifactFile} is wanted.`);
    for await (const entry of file.eachEntry()) {
      checkZipEntry(entry);
      await use(await file.openReadStreamPromise(entry));
    }
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw refuse(`It can't be read as a zip file: ${(error as Error).message}`);
  }
}

function checkZipEntry(entry: ZipEntry): void {
  if (entry.fileName !== artifactFile)
    throw refuse(`It holds ${JSON.stringify(entry.fileName)} instead of ${artifactFile}.`);
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000)
    throw refuse(`${artifactFile} is a symbolic link.`);
  if (entry.uncompressedSize > largestTar) {
    throw new ActionError(
      "artifact-too-large",
      `${artifactFile} unpacks to ${entry.uncompressedSize} bytes.`,
    );
  }
}

async function unpackTar(tar: Readable, into: string): Promise<PackManifest> {
  const listed = new Map<string, PackedFile>();
  const seen = new Set<string>();
  let manifest: PackManifest | undefined;
  const extract = openTar();
  const reading = pipeline(tar, extract as unknown as Writable).catch((error: unknown) => {
    extract.destroy(error as Error);
  });
  try {
    for await (const entry of extract) {
      checkKind(entry.header);
      if (manifest === undefined) {
        manifest = await readManifest(entry);
        for (const file of manifest.files) listed.set(file.path, file);
        continue;
      }
      const expected = announced(entry.header, listed, seen);
      const written = await writeEntry(entry, join(into, expected.path));
      if (written.size !== expected.size || written.sha256 !== expected.sha256) {
        throw refuse(`${JSON.stringify(expected.path)} is not what ${tarEntries.manifest} says.`);
      }
    }
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw refuse(`${artifactFile} can't be read: ${(error as Error).message}`);
  } finally {
    tar.destroy();
    await reading;
  }
  if (manifest === undefined) throw refuse(`${tarEntries.manifest} is missing.`);
  const missing = manifest.files.find(({ path }) => !seen.has(path));
  if (missing !== undefined)
    throw refuse(`${JSON.stringify(missing.path)} is listed in ${tarEntries.manifest} and missing.`);
  return manifest;
}

function checkKind({ name, type, linkname }: Header): void {
  const shown = JSON.stringify(name);
  if (type !== "file") throw refuse(`${shown} is not a plain file but of the kind "${type}".`);
  if (linkname) throw refuse(`${shown} is a link.`);
}

async function readManifest(
  entry: AsyncIterable<unknown> & { readonly header: Header },
): Promise<PackManifest> {
  const { name, size } = entry.header;
  if (name !== tarEntries.manifest)
    throw refuse(`${JSON.stringify(name)} comes first; ${tarEntries.manifest} must.`);
  if (size > largestManifest)
    throw new ActionError("artifact-too-large", `${tarEntries.manifest} has ${size} bytes.`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const manifest = parseManifest(Buffer.concat(chunks).toString("utf8"));
  if (!manifest.ok) {
    const detail = `${tarEntries.manifest}: ${manifest.message}.`;
    throw manifest.tooLarge === true ? new ActionError("artifact-too-large", detail) : refuse(detail);
  }
  if (!manifest.value.files.some(({ path }) => path === tarEntries.routes))
    throw refuse(`${tarEntries.routes} is missing.`);
  return manifest.value;
}

/** What the manifest, whose names and sizes are checked, says of this entry; an entry it does not list is refused. */
function announced(
  { name, size }: Header,
  listed: ReadonlyMap<string, PackedFile>,
  seen: Set<string>,
): PackedFile {
  const shown = JSON.stringify(name);
  const file = listed.get(name);
  if (file === undefined) {
    const problem = packedNameProblem(name) ?? `is not listed in ${tarEntries.manifest}`;
    throw refuse(`${shown} ${problem}.`);
  }
  if (seen.has(name)) throw refuse(`${shown} is in it twice.`);
  if (size !== file.size) throw refuse(`${shown} is not what ${tarEntries.manifest} says.`);
  seen.add(name);
  return file;
}

async function writeEntry(entry: AsyncIterable<unknown>, path: string): Promise<Written> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash("sha256");
  let size = 0;
  // `wx`: an existing file, or a link in its place, is never written through.
  const file = await open(path, "wx", 0o644);
  try {
    for await (const chunk of entry as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      size += chunk.length;
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest("hex") };
}
