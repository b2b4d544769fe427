import { authPrefix } from "../names/endpoints.ts";
import { canonical } from "../paths/reading.ts";
import { problemText } from "./problem.ts";
import { controls, dotSegment, foreign } from "./rule-path-form.ts";

/**
 * What is wrong with the `path` of a rule, or `undefined`. A rule names either one page (`/about`) or everything at
 * and below a path (`/admin/*`, `/*`); `*` has no other place. It is written in the one form that requests are read
 * as (`readPath`): decoded, without `.html`, `/index` or a slash at the end, all of which it covers anyway.
 */
export function rulePathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) {
    return problemText("does not start with '/'", `write "/${path}"`);
  }
  const below = path.endsWith("/*");
  const base = below ? path.slice(0, -2) : path;
  if (base.includes("*")) {
    return problemText(
      "has '*' elsewhere than as the last segment",
      'write "/folder/*" for everything at and below it',
    );
  }
  const character = foreign.exec(base)?.[0];
  if (character !== undefined) {
    return problemText(
      `contains '${character}'`,
      "write the decoded path alone: rules never look at query or fragment",
    );
  }
  if (controls.test(base)) return problemText("contains a control character", "remove it");
  if (base.includes("//")) return problemText("contains '//'", "write one slash; such requests are refused");
  if (dotSegment.test(base)) {
    return problemText("contains a '.' or '..' segment", "write the path that it stands for");
  }
  if (base !== base.normalize("NFC")) {
    return problemText("is not in Unicode's composed form (NFC)", "type the accented letters again");
  }
  if (`${base}/`.toLowerCase().startsWith(authPrefix)) {
    return problemText(
      `lies below ${authPrefix}, which is the gate's own`,
      "remove the rule: it would decide nothing",
    );
  }
  return spellingProblem(base, below);
}

function spellingProblem(base: string, below: boolean): string | undefined {
  if (base === "" || base === "/") {
    return below && base === "/" ? problemText("contains '//'", 'write "/*"') : undefined;
  }
  const plain = canonical(base);
  if (plain === base) return undefined;
  const remedy = below
    ? `write "${plain === "/" ? "" : plain}/*"; a folder of that name has no rule of its own`
    : `write "${plain}": it covers all spellings; "${plain === "/" ? "" : plain}/*" also covers what is below`;
  return problemText("is one of several spellings of a path", remedy);
}
