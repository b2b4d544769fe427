import { createHash } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, extract as openTar } from "tar-stream";
import { fromBufferPromise, type Entry as ZipEntry } from "yauzl";
import { collisionKey, packLimits, tarEntries } from "../../contract/bundle/names.ts";
import {
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
const largestTar = packLimits.totalBytes + (packLimits.files + 1_003) * tarOverhead;
const largestManifest = 16 * 1024 * 1024;

interface Written {
  readonly size: number;
  readonly sha256: string;
}

const refuse = (detail: string) => new ActionError("artifact-invalid", detail);

/**
 * Unpacks a build's artifact. All of it is hostile input: a stranger's workflow made it. Only plain files under names
 * that a pack may have are written, each once, within bounds; then `pack.json` must list exactly these files with
 * exactly these digests.
 *
 * @param zip the artifact as GitHub gives it: a zip that holds `entra-gate.tar` and nothing else
 * @param into an empty folder; on failure what is in it means nothing
 * @throws ActionError `artifact-invalid`, naming the entry; `artifact-too-large`
 */
export async function unpackArtifact(zip: Uint8Array, into: string): Promise<Pack> {
  const written = new Map<string, Written>();
  await fromZip(zip, (tar) => unpackTar(tar, into, written));
  return checkPack(into, written);
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

async function unpackTar(tar: Readable, into: string, written: Map<string, Written>): Promise<void> {
  const keys = new Map<string, string>();
  let total = 0;
  const extract = openTar();
  const reading = pipeline(tar, extract as unknown as Writable).catch((error: unknown) => {
    extract.destroy(error as Error);
  });
  try {
    for await (const entry of extract) {
      const name = checkedName(entry.header, keys);
      total += entry.header.size;
      if (total > packLimits.totalBytes)
        throw new ActionError(
          "artifact-too-large",
          `It unpacks to more than ${packLimits.totalBytes} bytes.`,
        );
      if (keys.size > packLimits.files + 1_003)
        throw new ActionError("artifact-too-large", `It holds more than ${packLimits.files} files.`);
      written.set(name, await writeEntry(entry, join(into, name)));
    }
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw refuse(`${artifactFile} can't be read: ${(error as Error).message}`);
  } finally {
    tar.destroy();
    await reading;
  }
}

/** The entry's name, once it is sure that it can be written as what it says and as nothing else. */
function checkedName({ name, type, size, linkname }: Header, keys: Map<string, string>): string {
  const shown = JSON.stringify(name);
  if (type !== "file") throw refuse(`${shown} is not a plain file but of the kind "${type}".`);
  if (linkname) throw refuse(`${shown} is a link.`);
  const problem = name === tarEntries.manifest ? undefined : packedNameProblem(name);
  if (problem !== undefined) throw refuse(`${shown} ${problem}.`);
  const key = collisionKey(name);
  const other = keys.get(key);
  if (other === name) throw refuse(`${shown} is in it twice.`);
  if (other !== undefined)
    throw refuse(`${shown} and ${JSON.stringify(other)} are one name where case does not count.`);
  keys.set(key, name);
  const limit =
    name === tarEntries.manifest
      ? largestManifest
      : name.startsWith(tarEntries.worker)
        ? packLimits.moduleBytes
        : packLimits.fileBytes;
  if (size > limit)
    throw new ActionError("artifact-too-large", `${shown} has ${size} bytes; it may have ${limit}.`);
  return name;
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

async function checkPack(folder: string, written: ReadonlyMap<string, Written>): Promise<Pack> {
  const manifest = parseManifest(await readText(folder, tarEntries.manifest, written));
  if (!manifest.ok) throw refuse(`${tarEntries.manifest}: ${manifest.message}.`);
  checkDigests(manifest.value, written);
  const routes = parseRoutes(await readText(folder, tarEntries.routes, written));
  if (!routes.ok) throw refuse(`${tarEntries.routes}: ${routes.message}.`);
  return { folder, manifest: manifest.value, routes: routes.value };
}

async function readText(
  folder: string,
  name: string,
  written: ReadonlyMap<string, Written>,
): Promise<string> {
  if (!written.has(name)) throw refuse(`${name} is missing.`);
  return readFile(join(folder, name), "utf8");
}

function checkDigests({ files }: PackManifest, written: ReadonlyMap<string, Written>): void {
  for (const { path, size, sha256 } of files) {
    const found = written.get(path);
    if (found === undefined)
      throw refuse(`${JSON.stringify(path)} is listed in ${tarEntries.manifest} and missing.`);
    if (found.size !== size || found.sha256 !== sha256)
      throw refuse(`${JSON.stringify(path)} is not what ${tarEntries.manifest} says.`);
  }
  const listed = new Set(files.map(({ path }) => path));
  for (const name of written.keys()) {
    if (name !== tarEntries.manifest && !listed.has(name))
      throw refuse(`${JSON.stringify(name)} is not listed in ${tarEntries.manifest}.`);
  }
}
