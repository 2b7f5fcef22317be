/* Every view has an address. */

import type { AlertState, TroubleKind } from "@storeward/contracts";

export type Route =
  | { readonly view: "home"; readonly q: string; readonly place: string | null }
  | { readonly view: "item"; readonly id: string }
  | { readonly view: "trouble"; readonly kind: TroubleKind }
  | { readonly view: "work-list" }
  | { readonly view: "gateways" }
  | { readonly view: "alerts"; readonly state: AlertState }
  | { readonly view: "alert"; readonly id: string }
  | { readonly view: "not-found" };

export function parseRoute(pathname: string, search: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname;
  const query = new URLSearchParams(search);
  if (path === "/") return { view: "home", q: query.get("q") ?? "", place: query.get("place") };
  if (path === "/trouble/wrong-place") return { view: "trouble", kind: "wrong-place" };
  if (path === "/trouble/missing") return { view: "trouble", kind: "missing" };
  if (path === "/work-list") return { view: "work-list" };
  if (path === "/gateways") return { view: "gateways" };
  if (path === "/alerts") return { view: "alerts", state: "open" };
  if (path === "/alerts/acknowledged" || path === "/alerts/closed")
    return { view: "alerts", state: path === "/alerts/closed" ? "closed" : "acknowledged" };
  const alert = /^\/alerts\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (alert !== undefined) return { view: "alert", id: alert };
  const id = /^\/items\/([^/]+)$/.exec(path)?.[1];
  return id === undefined ? { view: "not-found" } : { view: "item", id: safeDecode(id) };
}

export function hrefOf(route: Route): string {
  switch (route.view) {
    case "home": {
      const query = new URLSearchParams();
      if (route.q !== "") query.set("q", route.q);
      if (route.place !== null) query.set("place", route.place);
      const text = query.toString();
      return text === "" ? "/" : `/?${text}`;
    }
    case "item":
      return `/items/${encodeURIComponent(route.id)}`;
    case "trouble":
      return `/trouble/${route.kind}`;
    case "alerts":
      return route.state === "open" ? "/alerts" : `/alerts/${route.state}`;
    case "alert":
      return `/alerts/${route.id}`;
    case "not-found":
      return "/";
    default:
      return `/${route.view}`;
  }
}

export const homeHref = (q = "", place: string | null = null) => hrefOf({ view: "home", q, place });
export const troubleHref = (kind: TroubleKind) => hrefOf({ view: "trouble", kind });
export const alertsHref = (state: AlertState) => hrefOf({ view: "alerts", state });
export const alertHref = (id: string) => hrefOf({ view: "alert", id });
export const itemHref = (id: string) => hrefOf({ view: "item", id });

/** A stray percent sign in an address is no reason to fail. */
function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
