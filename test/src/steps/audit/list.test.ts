import { describe, expect, it } from "vitest";
import type { PagesDeployment } from "../../../../src/clients/cloudflare-model.ts";
import { listDeployments } from "../../../../src/steps/audit/list.ts";

const size = 25;
const day = 86_400_000;
const made = (count: number): PagesDeployment[] =>
  Array.from({ length: count }, (_, index) => ({
    id: String(count - index),
    url: `https://${count - index}.site.pages.dev`,
    environment: "preview",
    created_on: new Date((count - index) * day).toISOString(),
    aliases: [],
  }));

/** A list that changes as pages of it are read. */
function pages(all: PagesDeployment[], onRead: (count: number) => void = () => {}, total = true) {
  let count = 0;
  return {
    get count() {
      return count;
    },
    async deploymentPage(_: string, page: number) {
      onRead(++count);
      const items = all.slice((page - 1) * size, page * size);
      return { items, total: total ? all.length : undefined, last: page * size >= all.length };
    },
  };
}
const ids = (list: readonly PagesDeployment[]) => list.map(({ id }) => id);

describe("the list of deployments", () => {
  it("is read once where nothing changes meanwhile", async () => {
    const list = pages(made(60));
    const { deployments, complete } = await listDeployments(list, "site");
    expect([deployments.length, complete, list.count]).toEqual([60, true, 4]);
  });

  it("has what slipped onto a page that was read already, when something was deleted meanwhile", async () => {
    const all = made(60);
    const list = pages(all, (count) => count === 2 && all.splice(3, 1));
    const { deployments, complete } = await listDeployments(list, "site");
    expect(complete).toBe(true);
    expect(new Set(ids(deployments)).size).toBe(60);
  });

  it("is not fooled by one that was made while another was deleted", async () => {
    const all = made(60);
    const [fresh] = made(61);
    const list = pages(all, (count) => {
      if (count !== 2) return;
      all.splice(3, 1);
      all.unshift(fresh as PagesDeployment);
    });
    const { deployments, complete } = await listDeployments(list, "site");
    expect([complete, new Set(ids(deployments)).size]).toEqual([true, 61]);
  });

  it("says so where it never stood still, or Cloudflare does not say how long it is", async () => {
    const all = made(100);
    const restless = await listDeployments(
      pages(all, (count) => count % 3 === 2 && all.splice(0, 1)),
      "site",
    );
    expect(restless.complete).toBe(false);
    const silent = await listDeployments(pages(made(30), undefined, false), "site");
    expect([silent.complete, silent.deployments.length]).toEqual([false, 30]);
  });
});
