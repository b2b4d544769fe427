import type { PluginContext } from "../src/entries/middleware.ts";
import { entraGate } from "../src/entries/plugin.ts";

/** Wrangler's plugin template hands the argument of the default export to every request. */
type BuiltContext = PluginContext & { readonly pluginArgs: unknown };

let gate: { readonly policy: unknown; readonly handle: ReturnType<typeof entraGate> } | undefined;

export const onRequest = (context: BuiltContext): Promise<Response> => {
  if (gate === undefined || gate.policy !== context.pluginArgs) {
    gate = { policy: context.pluginArgs, handle: entraGate(context.pluginArgs) };
  }
  return gate.handle(context);
};
