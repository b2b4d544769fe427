import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import type { Bundle, BundleFile } from "../steps/types.ts";
import { isPublic, type PathRules } from "./public.ts";

/** Bytes of content that are looked for. Short enough to survive a cut, long enough to be nobody else's. */
const pieceLength = 24;
const piecesPerFile = 12;
/** A piece of fewer different bytes than this (blanks, padding) says nothing. */
const differentBytes = 9;
/** Content that is too short to be told from chance. */
const shortest = 4;

/** What every page on earth may have in common, the gate's own included. */
const commonplace = /<!doctype|<html|<head|<meta|<link|<body|<script|<style|<\/|viewport|charset/i;

/** Everything of a deployment that nobody may see without a session, in a form that answers can be compared with. */
export interface ClosedContent {
  /** The file whose content these bytes are or hold; undefined where there is none. */
  find(body: Buffer, sha256: string): string | undefined;
  readonly files: number;
}

/**
 * Reads a deployment folder and learns what an answer must not hold: the digest of every closed file, and for
 * static files up to twelve places of their content, so that a part of one is known, too. What a public file or the
 * gate itself also holds is left out.
 */
export async function learnClosedContent(bundle: Bundle, rules: PathRules): Promise<ClosedContent> {
  const sorted = bundle.files
    .filter(({ size }) => size >= shortest)
    .map((file) => ({ file, role: roleOf(file, rules) }));
  const digests = new Map(
    sorted.filter(({ role }) => role !== "public").map(({ file }) => [file.sha256, file.path]),
  );
  for (const { file, role } of sorted) if (role === "public") digests.delete(file.sha256);
  const read = async ({ path }: BundleFile) => (await readFile(join(bundle.folder, path))).toString("latin1");
  const pieces = new Map<string, string>();
  for (const { file, role } of sorted) {
    if (role !== "closed") continue;
    for (const piece of piecesOf(await read(file))) if (!pieces.has(piece)) pieces.set(piece, file.path);
  }
  for (const { file, role } of sorted) {
    if (role !== "public" && role !== "gate") continue;
    eachPiece(await read(file), (piece) => void pieces.delete(piece));
  }
  return {
    files: digests.size,
    find: (body, sha256) =>
      body.length < shortest ? undefined : (digests.get(sha256) ?? findPiece(pieces, body)),
  };
}

/** `module`: known by its digest alone, since a function may rightly answer with text of its own module. */
function roleOf({ path }: BundleFile, rules: PathRules): "closed" | "public" | "gate" | "module" {
  if (path === wrappedNames.gate) return "gate";
  if (path.startsWith("_worker.js/")) return "module";
  return path === wrappedNames.card || isPublic(rules, path) ? "public" : "closed";
}

function findPiece(pieces: ReadonlyMap<string, string>, body: Buffer): string | undefined {
  if (pieces.size === 0) return undefined;
  const text = body.toString("latin1");
  for (let at = 0; at + pieceLength <= text.length; at += 1) {
    const path = pieces.get(text.slice(at, at + pieceLength));
    if (path !== undefined) return path;
  }
  return undefined;
}

function eachPiece(text: string, visit: (piece: string) => void): void {
  for (let at = 0; at + pieceLength <= text.length; at += 1) visit(text.slice(at, at + pieceLength));
}

/** Pieces spread evenly over the text, each moved on to the next place that is worth looking for. */
function piecesOf(text: string): string[] {
  const found: string[] = [];
  const step = Math.max(1, Math.floor((text.length - pieceLength) / piecesPerFile));
  for (let start = 0; start + pieceLength <= text.length && found.length < piecesPerFile; start += step) {
    const end = Math.min(start + Math.max(step, pieceLength), text.length - pieceLength + 1);
    for (let at = start; at < end; at += 1) {
      const piece = text.slice(at, at + pieceLength);
      if (new Set(piece).size < differentBytes || commonplace.test(piece)) continue;
      found.push(piece);
      break;
    }
  }
  return found;
}
