export default defineNuxtConfig({ nitro: { preset: "cloudflare_pages" }, telemetry: false, compatibilityDate: "2026-11-01", sourcemap: false, routeRules: { "/about": { prerender: true } } });
