import * as v from "valibot";
import type { HttpAnswer, HttpRequest } from "../../../../../src/clients/http.ts";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { Denied } from "../step.ts";

/** Below `/repos/{owner}/{repo}`. */
export interface Call {
  readonly method: HttpRequest["method"];
  /** With real names in it: `/environments/entra-gate`; empty for the repository itself. */
  readonly path: string;
  /** The same as in GitHub's documentation, for people. */
  readonly name: string;
  readonly body?: unknown;
  /** Statuses beside 2xx that come back as answers. */
  readonly takes?: readonly number[];
}

const errorSchema = v.object({ message: v.string() });

/**
 * One call of GitHub's REST API as the person who runs the command.
 *
 * @throws Denied (403), CommandFault login-refused, github-refused; ActionError service-* of the HTTP client
 * @see https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export async function github(context: SetupContext, call: Call): Promise<HttpAnswer> {
  const { http, logins, names, origins } = context;
  const { method, path, body } = call;
  const answer = await http.send({
    service: "GitHub",
    call: `${method} /repos/{owner}/{repo}${call.name}`,
    method,
    url: `${origins.github}/repos/${names.repository}${path}`,
    headers: {
      authorization: `Bearer ${await logins.token("github")}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(method === "GET" ? { expect: "json" as const } : {}),
  });
  if ((answer.status >= 200 && answer.status < 300) || call.takes?.includes(answer.status)) return answer;
  const said = `GitHub, ${method} /repos/${names.repository}${call.name}: status ${answer.status}, ${messageOf(answer)}`;
  if (answer.status === 401)
    throw new CommandFault("login-refused", `${said}. Run \`gh auth login\` again, or set another GH_TOKEN.`);
  if (answer.status === 403) throw new Denied(`${said}${singleSignOn(answer)}`);
  throw new CommandFault("github-refused", said);
}

/** An organisation with SAML takes a token only after it was authorised for it. */
function singleSignOn({ headers }: HttpAnswer): string {
  const url = /url=(https:\/\/[^\s;]+)/.exec(headers["x-github-sso"] ?? "")?.[1];
  return url === undefined ? "" : `. The organisation wants single sign-on for this token: ${url}`;
}

function messageOf(answer: HttpAnswer): string {
  try {
    return v.parse(errorSchema, answer.json()).message.slice(0, 300);
  } catch {
    return "no message";
  }
}

/** @throws CommandFault github-unreadable naming what is odd */
export function read<S extends v.GenericSchema>(
  answer: HttpAnswer,
  { method, name }: Call,
  schema: S,
): v.InferOutput<S> {
  const result = v.safeParse(schema, answer.json());
  if (result.success) return result.output;
  const places = result.issues.map((issue) => v.getDotPath(issue) ?? "body").join(", ");
  throw new CommandFault("github-unreadable", `GitHub, ${method} ${name}: odd or missing: ${places}.`);
}
