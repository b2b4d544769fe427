import { hostErrors } from "../../../contract/errors/host.ts";
import { hostTexts } from "../../../contract/texts/host.ts";
import { createAnswers } from "../http/answers.ts";

/** What a site that signs in for itself says of a sign-in. */
export const { refuse } = createAnswers(hostErrors, hostTexts);
