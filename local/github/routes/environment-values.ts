import * as v from "valibot";
import { ApiError, notFound } from "../api/errors.ts";
import { keptName } from "../api/named.ts";
import { page } from "../api/paging.ts";
import { type Route, route } from "../api/router.ts";
import type { Environment } from "../state/model.ts";
import { openSealedBox, sealingKey } from "../state/sealed-box.ts";
import { timestamp } from "../state/store.ts";
import { environmentOf } from "./environments.ts";

const environment = "/repos/{owner}/{repo}/environments/{environment_name}";
const variables = `${environment}/variables` as const;
const secrets = `${environment}/secrets` as const;

const value = v.pipe(v.string(), v.maxBytes(48 * 1024));
const sealed = v.strictObject({ encrypted_value: v.string(), key_id: v.string() });

/**
 * Variables and secrets of an environment; no answer ever holds a secret's value. Stricter than GitHub in one way: there,
 * some of it is open to collaborators that are no administrators.
 */
export const environmentValueRoutes: readonly Route[] = [
  route("get", variables, "administrator", null, ({ url, repository, params }) => {
    const of = environmentOf(repository, params);
    const { items, headers } = page(url, [...of.variables], { standard: 10, most: 30 });
    const body = {
      total_count: of.variables.size,
      variables: items.map(([name]) => variableShape(of, name)),
    };
    return { headers, body };
  }),

  route("get", `${variables}/{name}`, "administrator", null, ({ repository, params }) => ({
    body: variableShape(environmentOf(repository, params), params["name"] ?? ""),
  })),

  route(
    "post",
    variables,
    "administrator",
    v.strictObject({ name: v.string(), value }),
    ({ repository, params, body }) => {
      const of = environmentOf(repository, params);
      const name = keptName(body.name);
      if (of.variables.has(name)) throw new ApiError(409, "Already exists - Variable already exists");
      if (of.variables.size >= 100) throw new ApiError(422, "Variable limit reached");
      of.variables.set(name, body.value);
      return { status: 201, body: {} };
    },
  ),

  route(
    "patch",
    `${variables}/{name}`,
    "administrator",
    v.strictObject({ name: v.optional(v.string()), value: v.optional(value) }),
    ({ repository, params, body }) => {
      const of = environmentOf(repository, params);
      const before = variableShape(of, params["name"] ?? "");
      of.variables.delete(before.name);
      of.variables.set(keptName(body.name ?? before.name), body.value ?? before.value);
      return { status: 204, body: null };
    },
  ),

  route("delete", `${variables}/{name}`, "administrator", null, ({ repository, params }) => {
    const of = environmentOf(repository, params);
    of.variables.delete(variableShape(of, params["name"] ?? "").name);
    return { status: 204, body: null };
  }),

  route("get", secrets, "administrator", null, ({ url, repository, params }) => {
    const of = environmentOf(repository, params);
    const { items, headers } = page(url, [...of.secrets.keys()]);
    return {
      headers,
      body: { total_count: of.secrets.size, secrets: items.map((name) => secretShape(of, name)) },
    };
  }),

  route("get", `${secrets}/{secret_name}`, "administrator", null, ({ repository, params }) => ({
    body: secretShape(environmentOf(repository, params), params["secret_name"] ?? ""),
  })),

  route("get", `${secrets}/public-key`, "administrator", null, ({ repository, params }) => {
    environmentOf(repository, params);
    return { body: { key_id: sealingKey.id, key: sealingKey.key } };
  }),

  route("put", `${secrets}/{secret_name}`, "administrator", sealed, ({ repository, params, body }) => {
    const of = environmentOf(repository, params);
    const name = keptName(params["secret_name"] ?? "");
    const opened = body.key_id === sealingKey.id ? openSealedBox(body.encrypted_value) : undefined;
    if (opened === undefined)
      throw new ApiError(422, "Validation Failed: the value is not sealed for this key");
    const known = of.secrets.has(name);
    of.secrets.set(name, opened);
    return known ? { status: 204, body: null } : { status: 201, body: {} };
  }),

  route("delete", `${secrets}/{secret_name}`, "administrator", null, ({ repository, params }) => {
    const of = environmentOf(repository, params);
    of.secrets.delete(secretShape(of, params["secret_name"] ?? "").name);
    return { status: 204, body: null };
  }),
];

function variableShape(of: Environment, wanted: string) {
  const name = wanted.toUpperCase();
  const kept = of.variables.get(name);
  if (kept === undefined) throw notFound();
  const at = timestamp(of.createdAt);
  return { name, value: kept, created_at: at, updated_at: at };
}

function secretShape(of: Environment, wanted: string) {
  const name = wanted.toUpperCase();
  if (!of.secrets.has(name)) throw notFound();
  const at = timestamp(of.createdAt);
  return { name, created_at: at, updated_at: at };
}
