const answerWithin = 5_000;

/** What a database answers, or an error named TimeoutError after five seconds. */
export async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new Error("no answer in time");
    error.name = "TimeoutError";
    timer = setTimeout(() => reject(error), answerWithin);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
