import type { EntraStandIn } from "../../../../local/entra/entra.ts";
import type { SiteGate } from "../../../../pages-plugin/src/site/gate.ts";
import * as entra from "../../../local/entra/support.ts";
import { formOf, navigation } from "./world.ts";

/** Where a visitor can go. */
export interface Places {
  readonly entra: EntraStandIn;
  /** By origin; every other origin is the sign-in host's. */
  readonly gates: ReadonlyMap<string, SiteGate>;
  toHost(request: Request): Promise<Response>;
}

/** A browser that goes to sites, sign-in host and Entra, follows redirects and presses the ticket page's button. */
export class Visitor {
  readonly jars = new Map<string, Map<string, string>>();
  readonly atEntra: entra.Browser;
  readonly visited: string[] = [];
  readonly #places: Places;
  /** Whom this person chooses on Entra's page. */
  oid: string;

  constructor(places: Places, oid: string) {
    this.#places = places;
    this.atEntra = new entra.Browser(places.entra);
    this.oid = oid;
  }

  async open(url: string, depth = 0): Promise<Response> {
    if (depth > 12) throw new Error(`a loop: ${this.visited.join(" → ")}`);
    const response = await this.#send(url, { headers: navigation });
    const form = await formOf(response);
    if (form) return this.#post(url, form, depth);
    const location = response.headers.get("location");
    if (!location) return response;
    const next = new URL(location, url);
    if (next.origin !== this.#places.entra.authority) return this.open(next.href, depth + 1);
    const page = await this.atEntra.visit(next.href);
    const back = page.headers.location ? page : await this.atEntra.submit(page, { account: this.oid });
    return this.open(String(back.headers.location), depth + 1);
  }

  async #post(from: string, form: { action: string; ticket: string; tx: string }, depth: number) {
    const response = await this.#send(form.action, {
      method: "POST",
      body: new URLSearchParams({ ticket: form.ticket, tx: form.tx }).toString(),
      headers: {
        ...navigation,
        origin: new URL(from).origin,
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    const location = response.headers.get("location");
    return location ? this.open(new URL(location, form.action).href, depth + 1) : response;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const { origin, pathname } = new URL(url);
    this.visited.push(origin + pathname);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const request = new Request(url, {
      ...init,
      headers: { ...(init.headers as object), ...(cookie ? { cookie } : {}) },
    });
    const gate = this.#places.gates.get(origin);
    const next = async () => new Response("the site's own page");
    const answer = gate?.handle({ request, next, waitUntil: () => undefined });
    const response = await (answer ?? this.#places.toHost(request));
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const name = pair.slice(0, pair.indexOf("="));
      if (attributes.includes("Max-Age=0")) jar.delete(name);
      else jar.set(name, pair.slice(name.length + 1));
    }
    return response;
  }
}
