import * as v from "valibot";
import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { ActionError, type Asked } from "../errors.ts";
import type { EntraClient } from "./entra.ts";
import type { Http, HttpAnswer } from "./http.ts";

/** One call to Microsoft Graph v1.0. */
export interface GraphCall {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path below `/v1.0`, with real ids. */
  readonly path: string;
  /** The same as in Graph's documentation, for people. */
  readonly name: string;
  readonly body?: unknown;
}

/** How calls are made; all throw ActionError graph-*, entra-* or service-*. */
export interface GraphCaller {
  /** The answer; undefined where Graph knows no such thing (yet). */
  read<S extends v.GenericSchema>(call: GraphCall, schema: S): Promise<v.InferOutput<S> | undefined>;
  /** The answer, which must be there. */
  write<S extends v.GenericSchema>(call: GraphCall, schema: S): Promise<v.InferOutput<S>>;
  /** For what is answered with nothing. */
  done(call: GraphCall): Promise<void>;
}

const errorSchema = v.object({ error: v.object({ code: v.string(), message: v.fallback(v.string(), "") }) });

/** @param origin `https://graph.microsoft.com` */
export function createGraphCaller(http: Http, entra: EntraClient, origin: string): GraphCaller {
  async function send(call: GraphCall, fresh = false): Promise<HttpAnswer> {
    if (fresh) entra.forgetToken();
    const accessToken = await entra.graphToken();
    const answer = await http.send({
      service,
      call: call.name,
      method: call.method,
      url: `${origin}/v1.0${call.path}`,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      expect: "json",
    });
    // A token that was withdrawn meanwhile is exchanged anew, once.
    return answer.status === 401 && !fresh ? send(call, true) : answer;
  }

  return {
    async read(call, schema) {
      const answer = await send(call);
      return answer.status === 404 ? undefined : parse(answer, call, schema);
    },
    async write(call, schema) {
      return parse(await send(call), call, schema);
    },
    async done(call) {
      refuseFailure(await send(call), call);
    },
  };
}

function parse<S extends v.GenericSchema>(answer: HttpAnswer, call: GraphCall, schema: S): v.InferOutput<S> {
  refuseFailure(answer, call);
  const parsed = v.safeParse(schema, answer.json());
  if (parsed.success) return parsed.output;
  const places = parsed.issues.map((issue) => v.getDotPath(issue) ?? "body").join(", ");
  throw new ActionError("service-answer-unreadable", `${service}, ${call.name}: odd or missing: ${places}`, {
    asked: { service, call: call.name },
  });
}

const service = "Microsoft Graph";
const permission = {
  needs:
    "Application.ReadWrite.OwnedBy for the automation application, and that it owns the gate application",
  grantedBy: "a Privileged Role Administrator consents; an owner of the gate application adds the other",
};
const exemption = {
  needs: "an exemption from the tenant's application management policy",
  grantedBy: "a Cloud Application Administrator",
};

/** Source: learn.microsoft.com, "Microsoft Graph error responses"; "application authentication methods policy". */
function refuseFailure(answer: HttpAnswer, call: GraphCall): void {
  if (answer.status < 400) return;
  const { code, message } = errorOf(answer);
  const said = `${service}, ${call.name}: status ${answer.status}, ${code}${message === "" ? "" : `, ${message}`}`;
  const refuse = (as: ActionErrorCode, grant: Pick<Asked, "needs" | "grantedBy"> = {}): ActionError =>
    new ActionError(as, said, { asked: { service, call: call.name, ...grant } });
  if (/^CredentialInvalidLifetimeAsPer/.test(code)) throw refuse("secret-too-long", exemption);
  if (/AsPerAppPolicy$/.test(code)) throw refuse("secrets-forbidden", exemption);
  if (answer.status === 401 || answer.status === 403) throw refuse("graph-permission-missing", permission);
  if (answer.status === 404) throw refuse("graph-not-found");
  throw refuse("graph-request-refused");
}

function errorOf(answer: HttpAnswer): { code: string; message: string } {
  try {
    const parsed = v.safeParse(errorSchema, answer.json());
    if (parsed.success) return { ...parsed.output.error, message: parsed.output.error.message.slice(0, 300) };
  } catch {
    return { code: "an answer that is not JSON", message: "" };
  }
  return { code: "an answer without an error code", message: "" };
}
