/** Milliseconds since 1970 at which the last test may begin; `npm run test:matrix` sets it. */
const until = Number(process.env["ENTRA_GATE_MATRIX_UNTIL"] || Number.POSITIVE_INFINITY);

/** Whether there is time for one more test; what is left out then counts as not run. */
export function timeLeft(): boolean {
  return Date.now() < until;
}
