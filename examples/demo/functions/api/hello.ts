import type { EntraGateData } from "pages-plugin-entra-gate";

/** Greets the visitor by the identity that the gate verified. */
export const onRequestGet: PagesFunction<unknown, string, EntraGateData> = ({ data }) => {
  const visitor = data.entraGate;
  return Response.json({
    greeting: visitor ? `Signed in as ${visitor.name}` : "Nobody signed in",
    groups: visitor?.groups ?? [],
    roles: visitor?.roles ?? [],
  });
};
