import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { moduleTypeOf } from "../../contract/bundle/names.ts";
import type { CardJob } from "./job.ts";

type MiniflareModule = typeof import("miniflare");

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const largestCard = 2 * 1024 * 1024;

/**
 * Renders the link card in workerd and writes it.
 *
 * @throws Error where what came back is no PNG
 */
export async function renderCard(miniflare: MiniflareModule, { folder, out, text }: CardJob): Promise<void> {
  const names = (await readdir(folder)).filter((name) => moduleTypeOf(name) !== undefined);
  const modules = await Promise.all(
    names.map(async (name) => {
      const type = moduleTypeOf(name) ?? "data";
      const contents = await readFile(join(folder, name));
      return [name, { type, contents: type === "esm" ? contents.toString("utf8") : contents }] as const;
    }),
  );
  const runtime = new miniflare.Miniflare({
    cf: false,
    enableDevRegistry: false,
    host: "127.0.0.1",
    port: 0,
    log: new miniflare.NoOpLog(),
    logRequests: false,
    workers: [
      {
        config: {
          name: "card",
          compatibilityDate: "2026-11-01",
          compatibilityFlags: [],
          manifest: { mainModule: "worker.js", modules: Object.fromEntries(modules) },
          env: {},
        },
        dev: {
          outboundService: {
            type: "fetcher",
            handler: async () => new miniflare.Response(null, { status: 530 }),
          },
        },
      },
    ],
  });
  try {
    const answer = await runtime.dispatchFetch("http://card.localhost/", {
      method: "POST",
      body: JSON.stringify(text),
    });
    const picture = Buffer.from(await answer.arrayBuffer());
    if (
      answer.status !== 200 ||
      !picture.subarray(0, 8).equals(pngSignature) ||
      picture.length > largestCard
    ) {
      throw new Error(`the link card could not be rendered (${answer.status})`);
    }
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, picture);
  } finally {
    await runtime.dispose();
  }
}
