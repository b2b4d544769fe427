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

  line(raw: string): void {
    const shown = this.#stopped === undefined ? this.#command(raw) : this.#untilResumed(raw);
    if (shown === undefined) return;
    const masked = this.#masks.apply(shown);
    this.#lines.push(masked);
    this.#onLine(masked);
  }

  #untilResumed(raw: string): string | undefined {
    if (raw.trim() !== `::${this.#stopped}::`) return raw;
    this.#stopped = undefined;
    return undefined;
  }

  /** What of the line is shown; undefined where it is a command that leaves no trace. */
  #command(raw: string): string | undefined {
    const [, name = "", parameters = "", data = ""] =
      /^\s*::([\w-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/.exec(raw) ?? [];
    const message = unescapeData(data);
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
        this.annotations.push({
          level: name,
          message: this.#masks.apply(message),
          properties: propertiesOf(parameters),
        });
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

function propertiesOf(parameters: string): Record<string, string> {
  const pairs = parameters.split(",").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? [] : [[pair.slice(0, equals).trim(), unescapeProperty(pair.slice(equals + 1))]];
  });
  return Object.fromEntries(pairs);
}

function unescapeData(text: string): string {
  return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

function unescapeProperty(text: string): string {
  return text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
}
