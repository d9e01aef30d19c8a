/**
 * Drops the items of a set or a map that were added first, until no more than `limit` are left.
 *
 * @param collection in the order of insertion, as JavaScript keeps it
 */
export function dropOldest<T>(collection: Set<T> | Map<T, unknown>, limit: number): void {
  for (const oldest of collection.keys()) {
    if (collection.size <= limit) return;
    collection.delete(oldest);
  }
}
