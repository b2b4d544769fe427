import { defineConfig } from "astro/config";
import cloudflare from "@astrojs/cloudflare";
export default defineConfig({ output: "server", adapter: cloudflare({ imageService: "passthrough" }), session: { driver: "memory" }, telemetry: false });
