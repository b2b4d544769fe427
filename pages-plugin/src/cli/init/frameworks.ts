/** What a framework's build is known by, and where it puts what Pages is to serve. */
export interface Framework {
  readonly name: string;
  /** Name in package.json's dependencies, or a file at the project's root. */
  readonly sign: { readonly dependency: string } | { readonly file: RegExp };
  /** Output folder, relative to the project, as the framework's own guide for Pages has it. */
  readonly output: string;
  /** Runs without npm, where there is no package.json script for it. */
  readonly build?: string;
}

/**
 * The first whose sign is found counts, so what builds on another stands before it.
 *
 * @see developers.cloudflare.com/pages/configuration/build-configuration, "Framework presets"
 */
export const frameworks: readonly Framework[] = [
  { name: "SvelteKit", sign: { dependency: "@sveltejs/kit" }, output: ".svelte-kit/cloudflare" },
  { name: "Nuxt", sign: { dependency: "nuxt" }, output: "dist" },
  { name: "Astro", sign: { dependency: "astro" }, output: "dist" },
  { name: "Next.js", sign: { dependency: "@cloudflare/next-on-pages" }, output: ".vercel/output/static" },
  { name: "Next.js", sign: { dependency: "next" }, output: "out" },
  { name: "SolidStart", sign: { dependency: "@solidjs/start" }, output: "dist" },
  { name: "Qwik", sign: { dependency: "@builder.io/qwik-city" }, output: "dist" },
  { name: "React Router", sign: { dependency: "@react-router/dev" }, output: "build/client" },
  { name: "Docusaurus", sign: { dependency: "@docusaurus/core" }, output: "build" },
  { name: "VitePress", sign: { dependency: "vitepress" }, output: ".vitepress/dist" },
  { name: "Gatsby", sign: { dependency: "gatsby" }, output: "public" },
  { name: "Eleventy", sign: { dependency: "@11ty/eleventy" }, output: "_site" },
  { name: "Create React App", sign: { dependency: "react-scripts" }, output: "build" },
  { name: "Vue CLI", sign: { dependency: "@vue/cli-service" }, output: "dist" },
  { name: "Vite", sign: { dependency: "vite" }, output: "dist" },
  { name: "Hugo", sign: { file: /^hugo\.(toml|yaml|json)$/ }, output: "public", build: "hugo --minify" },
  { name: "MkDocs", sign: { file: /^mkdocs\.ya?ml$/ }, output: "site", build: "mkdocs build" },
  { name: "Jekyll", sign: { file: /^_config\.ya?ml$/ }, output: "_site", build: "bundle exec jekyll build" },
];

/** Folders in which a site without a build is kept. */
export const plainFolders = ["public", "dist", "site", "www", "static"] as const;
