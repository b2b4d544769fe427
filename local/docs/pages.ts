import { actionPage } from "./action-page.ts";
import { commandPage } from "./command-page.ts";
import { errorsPage } from "./errors-page.ts";
import { namesPage } from "./names-page.ts";
import { policyPage } from "./policy-page.ts";

const note = "<!-- Made from the sources by `npm run build`; change them, not this page. -->\n\n";

/** The reference pages of docs/, by file name: whatever the product can say or be told, none forgotten. */
export function referencePages(root: string): Readonly<Record<string, string>> {
  return {
    "action.md": note + actionPage(root),
    "command.md": note + commandPage(root),
    "errors.md": note + errorsPage(),
    "names.md": note + namesPage(),
    "policy.md": note + policyPage(),
  };
}
