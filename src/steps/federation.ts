import { hostFederation } from "../../contract/names/federation.ts";
import type { GraphClient } from "../clients/graph.ts";
import type { Application, FederatedCredential } from "../clients/graph-model.ts";

/**
 * The application trusts what the sign-in host signs: a federated credential for exactly this issuer, subject and
 * audience, added where there is none. It holds no secret and has no end.
 * @param origin of the sign-in host, which is the issuer
 * @param host name of its project
 * @returns whether it was added
 * @throws ActionError graph-*
 */
export async function trustHost(
  graph: GraphClient,
  application: Application,
  origin: string,
  host: string,
): Promise<boolean> {
  const wanted: Omit<FederatedCredential, "id"> = {
    name: `entra-gate-${host}`,
    issuer: origin,
    subject: hostFederation.subject,
    audiences: [hostFederation.audience],
  };
  const present = await graph.federatedCredentials(application.id);
  const there = present.some(
    ({ issuer, subject, audiences }) =>
      issuer === wanted.issuer && subject === wanted.subject && audiences.join() === wanted.audiences.join(),
  );
  if (!there) await graph.addFederatedCredential(application.id, wanted);
  return !there;
}
