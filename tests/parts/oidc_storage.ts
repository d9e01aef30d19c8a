import type { Adapter, AdapterPayload } from "oidc-provider/types";

/**
 * Storage for oidc-provider that lives and dies with one authorization server. What machine clients
 * need of it: remembering `jti` values, so that no assertion and no DPoP proof works twice.
 */
export function createStorage(): (model: string) => Adapter {
  const stored = new Map<string, AdapterPayload>();
  const nothing = () => Promise.resolve();
  return (model) => ({
    upsert(id, payload) {
      stored.set(`${model}:${id}`, payload);
      return nothing();
    },
    find(id) {
      return Promise.resolve(stored.get(`${model}:${id}`));
    },
    destroy(id) {
      stored.delete(`${model}:${id}`);
      return nothing();
    },
    // Only flows with a person in them get here.
    findByUserCode: nothing as Adapter["findByUserCode"],
    findByUid: nothing as Adapter["findByUid"],
    consume: nothing,
    revokeByGrantId: nothing,
  });
}
