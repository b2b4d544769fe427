const body = "<!doctype html><title>Install</title><p>Content.</p>";

/** The site behind: it answers every path with one small page, under the headers of Pages' asset server. */
export const site = {
  async fetch(_request: Request, _env?: object, _context?: object): Promise<Response> {
    return new Response(body, {
      headers: {
        "access-control-allow-origin": "*",
        "cache-control": "public, max-age=0, must-revalidate",
        "content-type": "text/html; charset=utf-8",
        etag: '"0123456789abcdef0123456789abcdef"',
        "referrer-policy": "strict-origin-when-cross-origin",
        "x-content-type-options": "nosniff",
      },
    });
  },
};
