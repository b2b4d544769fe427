import { createHash, randomBytes } from "node:crypto";
import * as v from "valibot";
import { cookies } from "../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../contract/names/endpoints.ts";
import { answerHeaders } from "../../contract/names/headers.ts";
import { ActionError } from "../errors.ts";
import type { Http, HttpAnswer } from "./http.ts";

/** A session at one site, as its cookie. */
export interface MachineSession {
  readonly origin: string;
  readonly cookie: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export type SessionAnswer =
  | { readonly ok: true; readonly session: MachineSession }
  /** Who refused, and with which of the gate's codes; without one no gate answered. */
  | {
      readonly ok: false;
      readonly by: "sign-in host" | "site";
      readonly code: string;
      readonly status: number;
    };

export interface SessionRequest {
  /** Origin of the sign-in host. It is given the token, so it is never taken from what a site says. */
  readonly signInOrigin: string;
  /** Origin of the site. */
  readonly origin: string;
  /** An access token for the gate's application. */
  readonly token: string;
}

const ticketAnswer = v.object({ ticket: v.string(), expires: v.number() });
const sessionAnswer = v.object({ expires: v.number() });
const cookieValue = new RegExp(`${cookies.siteSession}=([\\w.~-]+)`);

/**
 * Token → ticket → session: what a browser's sign-in does by redirects. The site never sees the token.
 *
 * @param mask called with everything secret before it is used
 * @throws ActionError service-*
 */
export async function openSession(
  http: Http,
  { signInOrigin, origin, token }: SessionRequest,
  mask: (secret: string) => void,
): Promise<SessionAnswer> {
  const verifier = randomBytes(32).toString("base64url");
  mask(verifier);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const issued = await post(
    http,
    "Sign-in host",
    signInOrigin + hostEndpoints.session,
    { origin, challenge },
    token,
  );
  const granted = bodyOf(issued, ticketAnswer);
  if (granted === undefined) return refusal("sign-in host", issued);
  mask(granted.ticket);
  const { ticket } = granted;
  const accepted = await post(http, "The site", origin + siteEndpoints.session, { ticket, verifier });
  const made = bodyOf(accepted, sessionAnswer);
  const value = cookieValue.exec(accepted.headers["set-cookie"] ?? "")?.[1];
  if (made === undefined || value === undefined) return refusal("site", accepted);
  mask(value);
  return { ok: true, session: { origin, cookie: value, expires: made.expires } };
}

/** The session cookie as a Cookie header. */
export function cookieHeader({ cookie }: MachineSession): string {
  return `${cookies.siteSession}=${cookie}`;
}

/** What a machine's request for a session came to, as the error that ends a run. */
export function sessionRefused(answer: Extract<SessionAnswer, { ok: false }>, origin: string): ActionError {
  const { by, code, status } = answer;
  const what = code === "" ? `answered ${status}, not as a gate does` : `refused: ${code} (${status})`;
  const asked = {
    service: by === "site" ? "The site" : "Sign-in host",
    call: `POST ${siteEndpoints.session}`,
  };
  return new ActionError("session-refused", `For ${origin}, the ${by} ${what}.`, { asked });
}

function post(http: Http, service: string, url: string, body: object, token?: string): Promise<HttpAnswer> {
  return http.send({
    service,
    call: `POST ${new URL(url).pathname}`,
    method: "POST",
    url,
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    // A ticket or a cookie that got lost was used by nobody.
    idempotent: true,
    expect: "json",
    maxBytes: 64 * 1024,
  });
}

function bodyOf<S extends v.GenericSchema>(answer: HttpAnswer, schema: S): v.InferOutput<S> | undefined {
  if (answer.status !== 200) return undefined;
  try {
    const parsed = v.safeParse(schema, answer.json());
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in a header comes from outside: only the shape of a code is let through. */
function refusal(by: "sign-in host" | "site", { status, headers }: HttpAnswer): SessionAnswer {
  const code = headers[answerHeaders.code] ?? "";
  return { ok: false, by, status, code: /^[a-z0-9-]{1,64}$/.test(code) ? code : "" };
}
