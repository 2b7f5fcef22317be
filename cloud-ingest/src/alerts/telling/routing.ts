import type { StoredReceiver } from "../types.js";

/** One address of a receiver. */
export interface Target {
  readonly receiver: string;
  /** E-mail address or URL. */
  readonly address: string;
}

/**
 * Who is told of something in these places (ids): receivers with one of the roles (any, where the rule names none) that are there for one of the
 * places, or for all. What is in no place is for those who are there for all. @param covers whether a place (code) has one of these (ids) in it
 */
export function targetsOf(
  receivers: readonly StoredReceiver[],
  roles: readonly string[] | undefined,
  places: readonly string[],
  covers: (code: string, ids: readonly string[]) => boolean,
): Target[] {
  return receivers.flatMap(({ id, enabled, roles: has, places: where, by }) => {
    const hasRole = roles === undefined || has === undefined || has.some((role) => roles.includes(role));
    const isThere = where === undefined || where.some((code) => covers(code, places));
    if (enabled === false || !hasRole || !isThere) return [];
    const addresses = by.kind === "email" ? by.to : [by.kind === "push" ? by.endpoint : by.url];
    return addresses.map((address) => ({ receiver: id, address }));
  });
}
