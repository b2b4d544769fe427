/** Classes of OCSF events that a gated site sends: 3002 Authentication, 6001 Web Resources Activity. */
const classes = [3002, 6001];

/**
 * Carries audit events from the queue to a SIEM's HTTP collector: one POST a batch, one event a line (NDJSON). What the
 * collector does not take goes back to the queue and, after `max_retries`, to the dead-letter queue; nothing is lost
 * quietly. A batch may arrive twice: `metadata.uid` is the same then.
 */
export default {
  async queue(batch, env) {
    // A preview's code can write to the queue that its gate writes to: what is no event is not passed on.
    const events = batch.messages.filter(({ body }) => classes.includes(body?.class_uid));
    if (events.length === 0) return;
    const answer = await post(env, events.map(({ body }) => JSON.stringify(body)).join("\n"));
    if (answer.ok) return;
    const seconds = Number(answer.headers.get("retry-after"));
    batch.retryAll({ delaySeconds: seconds > 0 && seconds <= 3600 ? seconds : 30 });
    console.log(
      JSON.stringify({ level: "error", code: "siem-refused", status: answer.status, events: events.length }),
    );
  },
};

async function post(env, body) {
  try {
    return await fetch(env.SIEM_URL, {
      method: "POST",
      headers: { authorization: `Bearer ${env.SIEM_TOKEN}`, "content-type": "application/x-ndjson" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
    });
  } catch {
    return new Response(null, { status: 504 });
  }
}
