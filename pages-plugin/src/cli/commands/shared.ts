import { Option } from "commander";

export const policyOption = () => new Option("--policy <file>", "gate.json").default("gate.json");

export const environmentOption = () =>
  new Option("--in <environment>", "preview or production")
    .choices(["preview", "production"])
    .default("preview");

export const jsonOption = () => new Option("--json", "print one line of JSON");
