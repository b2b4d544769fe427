import * as v from "valibot";
import { type Call, type Caller, parse, projectPath } from "./cloudflare-call.ts";
import { deploymentSchema, type PagesDeployment } from "./cloudflare-model.ts";

type Environment = "preview" | "production";

export interface ListOptions {
  /** Milliseconds since 1970. Pages that hold older ones only are not read. */
  readonly since?: number;
  /** Hears how many were read so far, after each page. */
  readonly onPage?: (read: number) => void;
}

/** One page of a project's deployments, newest first. */
export interface DeploymentPage {
  readonly items: readonly PagesDeployment[];
  /** How many there are on all pages, where Cloudflare says. */
  readonly total: number | undefined;
  readonly last: boolean;
}

export interface DeploymentCalls {
  /** All deployments, of one environment or of both, newest first, page by page. */
  deployments(project: string, environment?: Environment, options?: ListOptions): Promise<PagesDeployment[]>;
  /** One page of them, from 1. */
  deploymentPage(project: string, page: number, environment?: Environment): Promise<DeploymentPage>;
  /** Whether Cloudflare still knows a deployment. */
  hasDeployment(project: string, id: string): Promise<boolean>;
  /** Deletes a deployment with its aliases; one that is gone already is fine. */
  deleteDeployment(project: string, id: string): Promise<void>;
  /** Makes an earlier successful production deployment the live one again. */
  rollback(project: string, id: string): Promise<void>;
}

/** Cloudflare's page size for deployments can't be larger. */
const pageSize = 25;

const missingDeployment = 8000009;

/** What is asked of a project's deployments. All throw ActionError cloudflare-* or service-*. */
export function deploymentCalls({ send, ask, explained }: Caller): DeploymentCalls {
  const one = (project: string, id: string): string =>
    `${projectPath(project)}/deployments/${encodeURIComponent(id)}`;

  async function deploymentPage(
    project: string,
    page: number,
    environment?: Environment,
  ): Promise<DeploymentPage> {
    const filter = environment === undefined ? "" : `env=${environment}&`;
    const call: Call = {
      method: "GET",
      path: `${projectPath(project)}/deployments?${filter}page=${page}&per_page=${pageSize}`,
      name: `GET deployments of ${project}`,
    };
    const result = await send(call);
    if ("codes" in result) throw await explained(call, result);
    const items = parse(call, v.array(deploymentSchema), result.value);
    const ended = result.totalPages === undefined ? items.length < pageSize : page >= result.totalPages;
    return { items, total: result.total, last: ended || items.length === 0 };
  }

  return {
    deploymentPage,
    async deployments(project, environment, { since, onPage } = {}) {
      const found: PagesDeployment[] = [];
      for (let page = 1; ; page += 1) {
        const { items, last } = await deploymentPage(project, page, environment);
        found.push(...items);
        onPage?.(found.length);
        if (since !== undefined && items.every(({ created_on: at }) => Date.parse(at) < since)) return found;
        if (last) return found;
      }
    },
    async hasDeployment(project, id) {
      const call: Call = { method: "GET", path: one(project, id), name: `GET deployment of ${project}` };
      const result = await send(call);
      if (!("codes" in result)) return true;
      if (result.codes.includes(missingDeployment)) return false;
      throw await explained(call, result);
    },
    async deleteDeployment(project, id) {
      const call: Call = {
        method: "DELETE",
        path: `${one(project, id)}?force=true`,
        name: `DELETE deployment of ${project}`,
      };
      const result = await send(call);
      if ("codes" in result && !result.codes.includes(missingDeployment)) throw await explained(call, result);
    },
    async rollback(project, id) {
      const path = `${one(project, id)}/rollback`;
      const call: Call = { method: "POST", path, name: `POST rollback of ${project}`, idempotent: true };
      await ask(call, v.object({ id: v.string() }));
    },
  };
}
