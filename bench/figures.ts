import type { Measurement, Times } from "./subjects.ts";

/** What `npm run bench -- --json` prints. Names that end in Us are microseconds a request. */
export interface Figures {
  /** The site with nothing in front. The other times are over this one. */
  readonly bareUs: number;
  /** The gate, session seen before; until the answer is there. */
  readonly memoUs: number;
  /** The gate, session seen for the first time. */
  readonly coldUs: number;
  /** Work of the gate that had been put off until after the answer; in none of the other figures. */
  readonly deferredUs: number;
  readonly honoUs: number;
  readonly accessUs: number;
  readonly rules10Us: number;
  readonly rules100Us: number;
  readonly rules1000Us: number;
  /** 1,000 visitors in turn. */
  readonly sessions1000Us: number;
  /** `honoUs` and `accessUs` as multiples of `memoUs`. */
  readonly honoRatio: number;
  readonly accessRatio: number;
  /** dist/gate/site.js, all that a wrapped site gets in front of it, in bytes after gzip. */
  readonly bundleGzip: number;
  readonly hostBundleGzip: number;
  /** A Pages project with the plugin and nothing else, built by wrangler, the functions router included. */
  readonly pluginBundleGzip: number;
  readonly signInSubrequests: number;
  readonly signedInSubrequests: number;
  readonly clock: Measurement["clock"];
  /** The same times of the fastest round of each: how much the machine had else to do. */
  readonly fastest: Readonly<Record<string, number>>;
  /** The same times by the wall clock. */
  readonly wall: Readonly<Record<string, number>>;
}

type Counts = Pick<Figures, "bundleGzip" | "hostBundleGzip" | "pluginBundleGzip" | "signInSubrequests">;

export function figuresOf(measurement: Measurement, counts: Counts): Figures {
  const times = timesOver(measurement.medians);
  return {
    ...times,
    honoRatio: rounded(times.honoUs / times.memoUs),
    accessRatio: rounded(times.accessUs / times.memoUs),
    ...counts,
    signedInSubrequests: measurement.signedInSubrequests,
    clock: measurement.clock,
    fastest: timesOver(measurement.fastest),
    wall: timesOver(measurement.wall),
  };
}

/** All times are over the bare site but its own. */
function timesOver({ empty: _, bare, ...rest }: Times) {
  const over = (name: keyof typeof rest): number => rounded(rest[name].answers - bare.answers);
  return {
    bareUs: rounded(bare.answers),
    memoUs: over("memo"),
    coldUs: over("cold"),
    deferredUs: rounded(rest.memo.deferred - bare.deferred),
    honoUs: over("hono"),
    accessUs: over("access"),
    rules10Us: over("memo"),
    rules100Us: over("rules100"),
    rules1000Us: over("rules1000"),
    sessions1000Us: over("sessions1000"),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
