/** A command line as az and gh read theirs: words, then options, each with a value or without one. */
export function readWords(argv: readonly string[]) {
  const words: string[] = [];
  const options: [string, string][] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (!word.startsWith("--")) words.push(word);
    else {
      const value = argv[at + 1];
      const has = value !== undefined && !value.startsWith("--");
      options.push([word.slice(2), has ? value : ""]);
      if (has) at += 1;
    }
  }
  return {
    words,
    /** In their order; a name may come several times. */
    options,
    option: (name: string) => options.find(([each]) => each === name)?.[1],
  };
}

/** @throws Error for an option that the command does not have, as the real programs refuse it */
export function allow(options: readonly (readonly [string, string])[], known: string): void {
  const unknown = options.filter(([name]) => !known.split(" ").includes(name));
  if (unknown.length > 0)
    throw new Error(`unrecognized arguments: --${unknown.map(([name]) => name).join(" --")}`);
}

/** Runs a program: what it returns is printed, what it throws ends it with 1. */
export async function program(work: () => Promise<string>): Promise<void> {
  try {
    const text = await work();
    if (text !== "") console.log(text);
  } catch (error) {
    console.error(`ERROR: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set: there is no login here`);
  return value;
}
