import type { EntraGateData } from "pages-plugin-entra-gate";

/** Who is signed in, as the gate left it; null on an open path where nobody is. */
export const onRequest = ({ data }: { data: EntraGateData }) => Response.json(data.entraGate);
