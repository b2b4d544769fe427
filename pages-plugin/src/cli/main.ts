import { readFileSync } from "node:fs";
import { createProgram } from "./program.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

await createProgram(version, new URL("gate-site.js", import.meta.url)).parseAsync();
