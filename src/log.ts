import * as core from "@actions/core";
import { forLog } from "./escape.ts";

/** Where the action's words go; injected so that tests read them. */
export interface Log {
  info(text: string): void;
  notice(title: string, text: string): void;
  warning(title: string, text: string): void;
  error(title: string, text: string): void;
  /** Makes the runner replace this value by `***` in everything that is printed from now on. */
  mask(secret: string): void;
  /** Folds what `work` prints under a title. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
}

/** The runner's own log. Every text is escaped here, so that none can be read as a command. */
export const runnerLog: Log = {
  info: (text) => core.info(forLog(text)),
  notice: (title, text) => core.notice(forLog(text), { title: forLog(title) }),
  warning: (title, text) => core.warning(forLog(text), { title: forLog(title) }),
  error: (title, text) => core.error(forLog(text), { title: forLog(title) }),
  mask: (secret) => {
    if (secret !== "") core.setSecret(secret);
  },
  group: (title, work) => core.group(forLog(title), work),
};
