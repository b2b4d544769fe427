export const GET = ({ request, platform }) => Response.json({ by: "sveltekit", name: request.headers.get("x-ms-client-principal-name") });
