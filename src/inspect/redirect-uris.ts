import { hostEndpoints } from "../../contract/names/endpoints.ts";
import type { InspectedApplication } from "../clients/graph-inspect.ts";
import type { Finding } from "../findings.ts";
import { found } from "./codes.ts";
import type { Known } from "./known.ts";

/**
 * Where Entra sends codes, against the one address that the gate needs. A redirect URI is a way for a code to reach
 * whoever holds that address: an unused one on a known site is untidy, one anywhere else is somebody else's.
 * @param hostOrigin of the sign-in host
 */
export function redirectUris(
  { appId, web, spa, publicClient }: InspectedApplication,
  hostOrigin: string,
  known: Known,
): Finding[] {
  const wanted = hostOrigin + hostEndpoints.callback;
  const ours = new Set([hostOrigin, ...[...known.origins.values()].flat()]);
  const others = [...spa.redirectUris, ...publicClient.redirectUris];
  const remedy = (uri: string): string =>
    `Entra admin centre → App registrations → ${appId} → Authentication: remove ${uri}`;
  const about = (uri: string): Finding[] => {
    const subject = `${appId} ${uri}`;
    if (uri.includes("*"))
      return [
        found("redirect-uri-wildcard", {
          subject,
          text: `The redirect URI ${uri} has a wildcard: codes can go to addresses that nobody chose.`,
          remedy: remedy(uri),
        }),
      ];
    if (!ours.has(URL.parse(uri)?.origin ?? ""))
      return [
        found("redirect-uri-foreign", {
          subject,
          text: `The redirect URI ${uri} is neither the sign-in host's nor a known site's.`,
          remedy: remedy(uri),
        }),
      ];
    return uri === wanted && !others.includes(uri)
      ? []
      : [
          found("redirect-uri-unused", {
            subject,
            text: `Nothing uses the redirect URI ${uri}${others.includes(uri) ? ", which is not of the platform Web" : ""}.`,
            remedy: remedy(uri),
          }),
        ];
  };
  return [
    ...[...web.redirectUris, ...others].flatMap(about),
    ...(web.redirectUris.includes(wanted)
      ? []
      : [
          found("redirect-uri-missing", {
            subject: `${appId} ${wanted}`,
            text: "The sign-in host's own redirect URI is missing: nobody can sign in (AADSTS50011).",
            remedy: "Run the gate workflow for the default branch of the repository that owns the host.",
          }),
        ]),
  ];
}
