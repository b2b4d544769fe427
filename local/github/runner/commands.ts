import type { Masks } from "./masks.ts";
import type { Annotation } from "./results.ts";

/**
 * Reads a step's output line by line as the runner does: `::name key=value::message` is a command, all else is log.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export class OutputReader {
  readonly annotations: Annotation[] = [];
  readonly #masks: Masks;
  readonly #onLine: (line: string) => void;
  readonly #lines: string[] = [];
  #stopped: string | undefined;

  /** @param onLine hears each line of the log, masked */
  constructor(masks: Masks, onLine: (line: string) => void) {
    this.#masks = masks;
    this.#onLine = onLine;
  }

  get log(): string {
    return this.#lines.join("\n");
  }

  /** A line that the step's process printed. */
  line(raw: string): void {
    const shown = this.#stopped === undefined ? this.#command(raw) : this.#untilResumed(raw);
    if (shown !== undefined) this.note(shown);
  }

  /** A line of the runner's own: masked, never read as a command. */
  note(text: string): void {
    const masked = this.#masks.apply(text);
    this.#lines.push(masked);
    this.#onLine(masked);
  }

  /** What the runner itself has to say against the step. */
  annotate(level: "error" | "warning", message: string): void {
    this.annotations.push({ level, message: this.#masks.apply(message), properties: {} });
    this.note(`##[${level}]${message}`);
  }

  #untilResumed(raw: string): string | undefined {
    if (raw.trim() !== `::${this.#stopped}::`) return raw;
    this.#stopped = undefined;
    return undefined;
  }

  /** What of the line is shown; undefined where it is a command that leaves no trace. */
  #command(raw: string): string | undefined {
    const { name, properties, message } = parseCommand(raw) ?? { name: "", properties: {}, message: "" };
    switch (name) {
      case "add-mask":
        this.#masks.add(message);
        return undefined;
      case "stop-commands":
        this.#stopped = message;
        return undefined;
      case "error":
      case "warning":
      case "notice":
      case "debug":
        this.annotations.push({ level: name, message: this.#masks.apply(message), properties });
        return name === "debug" ? undefined : `##[${name}]${message}`;
      case "group":
        return `##[group]${message}`;
      case "endgroup":
        return "##[endgroup]";
      default:
        return raw;
    }
  }
}

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** `::name key=value,…::message` at a line's start, or the older `##[name key=value;…]message` anywhere in it. */
function parseCommand(raw: string): Command | undefined {
  const line = raw.trimStart();
  const end = line.startsWith("::") ? line.indexOf("::", 2) : -1;
  if (end > 0) return commandOf(line.slice(2, end), ",", line.slice(end + 2));
  const start = raw.indexOf("##[");
  const close = start < 0 ? -1 : raw.indexOf("]", start);
  return close < 0 ? undefined : commandOf(raw.slice(start + 3, close), ";", raw.slice(close + 1));
}

function commandOf(head: string, separator: string, data: string): Command {
  const space = head.indexOf(" ");
  const name = space < 0 ? head : head.slice(0, space);
  const pairs = space < 0 ? [] : head.slice(space + 1).split(separator);
  const properties = pairs.flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? [] : [[pair.slice(0, equals).trim(), unescapeProperty(pair.slice(equals + 1))]];
  });
  return { name: name.trim(), properties: Object.fromEntries(properties), message: unescapeData(data) };
}

function unescapeData(text: string): string {
  return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

function unescapeProperty(text: string): string {
  return text
    .replaceAll("%3B", ";")
    .replaceAll("%5D", "]")
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
}
