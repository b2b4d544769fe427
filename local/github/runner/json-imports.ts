import { registerHooks } from "node:module";

/**
 * GitHub's workflow parser imports JSON without the attribute that Node asks for; this hook adds it, for its files only.
 * It has to stand before the import, so the parser is imported at run time.
 */
registerHooks({
  load(url, context, next) {
    if (!url.endsWith(".json") || !url.includes("/@actions/workflow-parser/")) return next(url, context);
    return next(url, { ...context, importAttributes: { ...context.importAttributes, type: "json" } });
  },
});

export const workflowParser = await import("@actions/workflow-parser");
