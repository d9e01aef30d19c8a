type Nested = Record<string, unknown>;

/** Sets `a.b` as member `b` of `a`, or appends to it. */
export function put(target: Nested, key: string, value: unknown, append = false): void {
  const path = key.split(".");
  const last = path.pop()!;
  for (const part of path) target = (target[part] ??= {}) as Nested;
  const before = append ? target[last] : undefined;
  if (Array.isArray(before)) before.push(value);
  else target[last] = append ? (before ? [before, value] : [value]) : value;
}

/** Whether `a.b` was set. */
export function has(target: Nested, key: string): boolean {
  const path = key.split(".");
  const last = path.pop()!;
  for (const part of path) {
    if (!target[part]) return false;
    target = target[part] as Nested;
  }
  return Object.hasOwn(target, last);
}
