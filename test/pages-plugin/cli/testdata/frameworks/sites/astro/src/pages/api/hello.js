export const GET = ({ request }) => Response.json({ by: "astro", name: request.headers.get("x-ms-client-principal-name") });
