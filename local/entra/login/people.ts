import type { Directory } from "../directory/directory.ts";
import type { User } from "../directory/model.ts";
import { opaqueLoginHint } from "./id-token.ts";

/** A user by `login_hint`: the user principal name, or what the optional claim of that name carried. */
export function userByHint(directory: Directory, hint: string): User | undefined {
  return [...directory.users.values()].find(
    ({ oid, upn }) => upn.toLowerCase() === hint.toLowerCase() || opaqueLoginHint(oid) === hint,
  );
}
