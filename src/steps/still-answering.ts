import { openProbeClient } from "../../contract/probes/client.ts";

export interface Patience {
  /** Milliseconds for one answer. */
  readonly timeout: number;
  readonly attempts: number;
  /** Milliseconds between attempts. */
  readonly pause: number;
  wait(milliseconds: number): Promise<void>;
}

/** A deleted deployment may go on for a while (workers-sdk#15482). */
export const patience = { timeout: 20_000, attempts: 20, pause: 3_000 };

const atOnce = 8;

/**
 * Asks addresses until none of them shows anything: no answer, an error or a refusal will do, a page or a redirect
 * will not.
 *
 * @returns the origins that still did at the end
 */
export async function stillAnswering(origins: readonly string[], options: Patience): Promise<string[]> {
  let left = [...new Set(origins)];
  for (let attempt = 1; left.length > 0 && attempt <= options.attempts; attempt += 1) {
    if (attempt > 1) await options.wait(options.pause);
    left = await showing(left, options.timeout);
  }
  return left;
}

async function showing(origins: readonly string[], timeout: number): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < origins.length; at += atOnce) {
    const some = origins.slice(at, at + atOnce);
    const shown = await Promise.all(some.map((origin) => shows(origin, timeout)));
    found.push(...some.filter((_, index) => shown[index] === true));
  }
  return found;
}

async function shows(origin: string, timeout: number): Promise<boolean> {
  const client = openProbeClient(origin, timeout);
  try {
    return (await client.send({ method: "GET", target: "/", headers: {} })).status < 400;
  } catch {
    return false;
  } finally {
    client.close();
  }
}
