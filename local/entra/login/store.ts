import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Directory } from "../directory/directory.ts";

/** Where the provider keeps sessions, codes and grants: in memory. Its clients are the tenant's applications. */
export function createStore(directory: Directory): (model: string) => Adapter {
  const aged = (item: AdapterPayload | undefined): AdapterPayload | undefined => {
    const { before, by } = directory.agedSignIns;
    const at = item?.kind === "Session" ? item["loginTs"] : undefined;
    return typeof at === "number" && at < before ? { ...item, loginTs: at - by } : item;
  };
  const items = new Map<string, AdapterPayload>();
  return (model) => {
    const key = (id: string): string => `${model}:${id}`;
    return {
      upsert: async (id, payload) => {
        items.set(key(id), payload);
      },
      find: async (id) => (model === "Client" ? clientOf(directory, id) : aged(items.get(key(id)))),
      findByUid: async (uid) =>
        aged([...items.values()].find((item) => item.kind === model && item.uid === uid)),
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const item = items.get(key(id));
        if (item !== undefined) items.set(key(id), { ...item, consumed: Math.floor(Date.now() / 1000) });
      },
      destroy: async (id) => {
        items.delete(key(id));
      },
      // A replayed code would take its grant along; Entra refuses the replay and leaves it at that.
      revokeByGrantId: async () => undefined,
    };
  };
}

/**
 * Clients are public to the provider, since their secrets and assertions were checked before it is asked, in Entra's
 * way; so are redirect URIs, hence the placeholder.
 */
function clientOf(directory: Directory, appId: string): AdapterPayload | undefined {
  const application = directory.application(appId);
  if (application === undefined) return undefined;
  return {
    client_id: appId,
    client_name: application.displayName,
    redirect_uris: ["https://placeholder.invalid/"],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "none",
  };
}
