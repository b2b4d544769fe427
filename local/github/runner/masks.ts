/** What must not be seen in a log: secrets, the job's tokens, and whatever `::add-mask::` names. */
export class Masks {
  readonly #values = new Set<string>();

  /** Adds a value, and each of its lines where it has several. */
  add(value: string): void {
    for (const part of [value, ...value.split(/\r?\n/)]) if (part.trim() !== "") this.#values.add(part);
  }

  apply(text: string): string {
    let masked = text;
    for (const value of [...this.#values].sort((a, b) => b.length - a.length))
      masked = masked.replaceAll(value, "***");
    return masked;
  }

  covers(text: string): boolean {
    return [...this.#values].some((value) => text.includes(value));
  }
}
