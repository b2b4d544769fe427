import type { Log } from "../../log.ts";
import type { Look, Sighting } from "./sighting.ts";
import type { Target } from "./targets.ts";

/** A target with what was seen there, and when. */
export interface Looked {
  readonly target: Target;
  readonly sighting: Sighting;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Its deployment was deleted: Cloudflare goes on showing it. */
  readonly deleted?: true;
}

export interface Looking {
  readonly look: Look;
  readonly log: Pick<Log, "info">;
  /** Asks again what is not clear. Default true. */
  readonly patient?: boolean;
  /** Milliseconds that are left for looking. */
  left(): number;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const atOnce = 16;
const progressEvery = 500;
/** Milliseconds for one answer. */
const timeout = 10_000;
/** What is not clear is asked again, after this many milliseconds, in case it was a passing fault. */
const pauses = [2_000, 5_000];

const late: Sighting = {
  verdict: "unproven",
  reason: "was not asked: the run's time was over",
  seen: [],
};

/**
 * Looks at every target, a few at once; what stays unclear was not proved closed, and what could not be asked in time
 * neither.
 */
export async function lookAtAll(targets: readonly Target[], looking: Looking): Promise<Looked[]> {
  const { log } = looking;
  const found = await lookOnce(targets, looking, (done) => {
    if (done % progressEvery === 0) log.info(`${done} of ${targets.length} addresses asked.`);
  });
  for (const pause of looking.patient === false ? [] : pauses) {
    const unclear = found.flatMap(({ sighting }, index) => (sighting.verdict === "unproven" ? [index] : []));
    if (unclear.length === 0 || looking.left() <= pause) break;
    log.info(`${unclear.length} addresses gave no clear answer and are asked again.`);
    await looking.sleep(pause);
    const again = await lookOnce(
      unclear.map((index) => targets[index] as Target),
      looking,
    );
    for (const [at, index] of unclear.entries()) found[index] = again[at] as Looked;
  }
  return found;
}

async function lookOnce(
  targets: readonly Target[],
  { look, left, now }: Looking,
  onDone: (done: number) => void = () => {},
): Promise<Looked[]> {
  const found: Looked[] = [];
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < targets.length; index = next++) {
      const target = targets[index] as Target;
      const sighting = left() <= 0 ? late : await look(target.origin, target.expected, timeout);
      found[index] = { target, sighting, at: now() };
      done += 1;
      onDone(done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return found;
}
