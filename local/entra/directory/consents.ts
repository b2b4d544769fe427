/** Delegated permissions that were consented to: by a person, or by an administrator for everybody. */
export class Consents {
  /** Key `${appId} ${oid or "*"}`, "*" for the whole tenant. */
  readonly #consents = new Map<string, Set<string>>();

  /** @param oid whose consent; "*" for an administrator's consent on behalf of the tenant */
  grant(appId: string, oid: string, scopes: Iterable<string>): void {
    const key = `${appId} ${oid}`;
    this.#consents.set(key, new Set([...(this.#consents.get(key) ?? []), ...scopes]));
  }

  revoke(appId: string, oid: string): void {
    this.#consents.delete(`${appId} ${oid}`);
  }

  /** Who has consented for an application ("*": an administrator for everybody), and to what. */
  of(appId: string): { readonly oid: string; readonly scopes: ReadonlySet<string> }[] {
    return [...this.#consents]
      .filter(([key]) => key.startsWith(`${appId} `))
      .map(([key, scopes]) => ({ oid: key.slice(appId.length + 1), scopes }));
  }

  scopes(appId: string, oid: string): Set<string> {
    return new Set([
      ...(this.#consents.get(`${appId} *`) ?? []),
      ...(this.#consents.get(`${appId} ${oid}`) ?? []),
    ]);
  }

  /** All that was consented to for an application. */
  forget(appId: string): void {
    for (const { oid } of this.of(appId)) this.revoke(appId, oid);
  }
}
