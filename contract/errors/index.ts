import { actionErrors } from "./action.ts";
import { hostErrors } from "./host.ts";
import { siteErrors } from "./site.ts";

/** Every code with its texts. A code stands in one table only, so that it can be looked up by itself. */
export const errors = { ...siteErrors, ...hostErrors, ...actionErrors } as const;

export type ErrorCode = keyof typeof errors;
