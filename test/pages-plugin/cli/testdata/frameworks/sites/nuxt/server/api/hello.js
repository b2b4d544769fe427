export default defineEventHandler((event) => ({ by: "nuxt", name: getHeader(event, "x-ms-client-principal-name") ?? null }));
