import * as v from "valibot";
import { problemText } from "./problem.ts";

/** Seconds. */
export const day = 86_400;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: day };

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
    v.regex(
      /^[1-9]\d{0,6}[smhd]$/,
      problemText("is no duration", 'write a number and s, m, h or d: "8h", "14d"'),
    ),
    v.transform((text) => Number(text.slice(0, -1)) * (unitSeconds[text.slice(-1)] ?? 0)),
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
    /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
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
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    problemText("is no usable group name", "use up to 64 letters, digits, '.', '_' and '-'"),
  ),
);

/** @see learn.microsoft.com, Graph resource type appRole, `value`; the comma is left out: headers list roles with it. */
export const role = v.pipe(
  v.string(),
  v.regex(
    /^(?!\.)[A-Za-z0-9:!#$%&'()*+./;<=>?@[\]^_`{|}~-]{1,120}$/,
    problemText(
      "is no usable role value",
      "use up to 120 visible ASCII characters, no space, comma, quote or backslash",
    ),
  ),
);

/**
 * Value of a permission that the gate's application exposes, as `scp` lists it.
 *
 * @see learn.microsoft.com, Graph resource type permissionScope, `value`
 */
export const scope = v.pipe(
  v.string(),
  v.regex(
    /^(?!\.)[A-Za-z0-9:!#$%&'()*+,./;<=>?@[\]^_`{|}~-]{1,120}$/,
    problemText(
      "is no usable scope",
      'write one value as "scp" has it, without the application: "Site.Read"',
    ),
  ),
);

/** Text that is shown as it stands: nothing in it can hide, break the line or turn its direction. */
export function shownText(most: number, what: string, remedy: string) {
  return v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^(?=\\S)[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{1,${most}}$`, "u"),
      problemText(`is no usable ${what}`, `write up to ${most} visible characters${remedy}`),
    ),
  );
}
