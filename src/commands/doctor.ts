import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import { blocksProtect } from "../inspect/codes.ts";
import { examineCloudflare } from "../inspect/examine-cloudflare.ts";
import { examineEntra } from "../inspect/examine-entra.ts";
import { examineGitHub } from "../inspect/examine-github.ts";
import { doctorJson, doctorLines, doctorMarkdown } from "../steps/doctor-report.ts";

/**
 * The `doctor` command: everything that has to be in place at GitHub, Cloudflare and Entra, and who does what about the
 * rest. It reads and writes nothing anywhere; on any event, since what it looks at is the default branch.
 * @throws ActionError doctor-found where something is missing without which `protect` fails; what ended the run
 */
export async function runDoctor(context: ActionContext): Promise<void> {
  const { log, addSummary, setOutput } = context;
  const { checks: ofGitHub, token } = await examineGitHub(context);
  if (token !== undefined)
    log.info(
      `This job's ID token: issuer ${token.iss}, subject ${token.sub}, environment ${token.environment || "none"}`,
    );
  const { checks: ofCloudflare, host } = await examineCloudflare(context);
  const checks = [...ofGitHub, ...ofCloudflare, ...(await examineEntra(context, token, host))];
  for (const line of doctorLines(checks)) log.info(line);
  await addSummary(doctorMarkdown(checks, token?.sub));
  setOutput("doctor", JSON.stringify(doctorJson(checks)));
  const blocking = checks.flatMap(({ findings }) => findings.filter(blocksProtect));
  if (blocking.length > 0)
    throw new ActionError(
      "doctor-found",
      blocking.map(({ code, subject, remedy }) => `${code}: ${subject}. ${remedy}`).join("\n"),
    );
}
