import { ApiError } from "./errors.ts";

/**
 * The name of a variable or a secret as GitHub keeps it: in capitals.
 * @throws ApiError 422 for a name that the rules forbid
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables#naming-conventions-for-configuration-variables
 */
export function keptName(name: string): string {
  const kept = name.toUpperCase();
  if (/^[A-Z_][A-Z0-9_]*$/.test(kept) && !kept.startsWith("GITHUB_")) return kept;
  throw new ApiError(
    422,
    "Names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_). Cannot start with GITHUB_.",
  );
}
