import { hostErrors } from "../../../contract/errors/host.ts";
import { hostTexts } from "../../../contract/texts/host.ts";
import { createAnswers } from "../http/answers.ts";

/** What the sign-in host says to its visitors. */
export const { page, refuse } = createAnswers(hostErrors, hostTexts);
