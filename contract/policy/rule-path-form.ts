import { authPrefix } from "../names/endpoints.ts";
import { canonical } from "../paths/reading.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
export const controls = /[\u0000-\u001f\u007f-\u009f]/;
/** What the parser of an address takes for something else than a part of a path. */
export const foreign = /[?#%\\;]/;
export const dotSegment = /(?:^|\/)\.\.?(?:\/|$)/;

/** Whether `rulePathProblem` finds nothing wrong; a property test holds the two together. */
export function isRulePath(path: string): boolean {
  const below = path.endsWith("/*");
  const base = below ? path.slice(0, -2) : path;
  return (
    path.startsWith("/") &&
    !base.includes("*") &&
    !foreign.test(base) &&
    !controls.test(base) &&
    !base.includes("//") &&
    !dotSegment.test(base) &&
    base === base.normalize("NFC") &&
    !`${base}/`.toLowerCase().startsWith(authPrefix) &&
    (base === "" || (base === "/" ? !below : canonical(base) === base))
  );
}

/** Whether a rule for one path covers all that another is for. */
export function covers(earlier: string, later: string): boolean {
  if (earlier === later) return true;
  if (!earlier.endsWith("/*")) return false;
  const base = earlier.slice(0, -2);
  return later === base || later.startsWith(`${base}/`);
}
