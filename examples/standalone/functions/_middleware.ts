import entraGate from "pages-plugin-entra-gate/standalone";
import policy from "../gate.json";

export const onRequest = entraGate(policy);
