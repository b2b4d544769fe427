import entraGate from "pages-plugin-entra-gate";
import policy from "../gate.json";

export const onRequest = entraGate(policy);
