import * as v from "valibot";
import { patterns, secondsOf, shownPattern } from "./patterns.ts";
import { problemText } from "./problem.ts";

/**
 * A duration as text ("15m", "8h", "14d"), read as seconds.
 *
 * @param range what to write, where it is out of range
 * @param description for gate.schema.json, which keeps nothing that stands after the reading
 */
export function duration(least: number, most: number, range: string, description: string) {
  return v.pipe(
    v.string(),
    v.description(description),
    v.regex(patterns.duration, problemText("is no duration", 'write a number and s, m, h or d: "8h", "14d"')),
    v.transform(secondsOf),
    v.check(
      (seconds) => seconds >= least && seconds <= most,
      problemText("is out of range", `write ${range}`),
    ),
  );
}

/** A GUID, read in lower case. */
export const guid = v.pipe(
  v.string(),
  v.regex(
    patterns.guid,
    problemText(
      "is no GUID",
      "write the object id (for apps: the client id) as the Entra admin center shows it",
    ),
  ),
  v.toLowerCase(),
);

export const groupName = v.pipe(
  v.string(),
  v.regex(
    patterns.groupName,
    problemText("is no usable group name", "use up to 64 letters, digits, '.', '_' and '-'"),
  ),
);

export const role = v.pipe(
  v.string(),
  v.regex(
    patterns.role,
    problemText(
      "is no usable role value",
      "use up to 120 visible ASCII characters, no space, comma, quote or backslash",
    ),
  ),
);

export const scope = v.pipe(
  v.string(),
  v.regex(
    patterns.scope,
    problemText(
      "is no usable scope",
      'write one value as "scp" has it, without the application: "Site.Read"',
    ),
  ),
);

export function shownText(most: number, what: string, remedy: string) {
  return v.pipe(
    v.string(),
    v.regex(
      shownPattern(most),
      problemText(`is no usable ${what}`, `write up to ${most} visible characters${remedy}`),
    ),
  );
}
