import { type ReadonlySignal, signal } from "@preact/signals";
import { hrefOf, parseRoute, type Route } from "./routing.js";

export interface Navigation {
  readonly route: ReadonlySignal<Route>;
  /** `replace` for what is typed: one step back must not undo single letters. */
  go(to: Route | string, how?: "push" | "replace"): void;
  start(): void;
  stop(): void;
}

/** The address bar as a signal. Plain links work: a click on one of this origin stays in the page. */
export function createNavigation(): Navigation {
  const here = () => parseRoute(location.pathname, location.search);
  const route = signal(here());

  function go(to: Route | string, how: "push" | "replace" = "push") {
    const href = typeof to === "string" ? to : hrefOf(to);
    if (how === "push" && href !== location.pathname + location.search) history.pushState(null, "", href);
    else history.replaceState(null, "", href);
    const before = route.peek().view;
    route.value = here();
    if (how === "push" && route.peek().view !== before) scrollTo(0, 0);
  }
  function onClick(event: MouseEvent) {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    // Links in a drawing are not HTML anchors: the attribute is what both have.
    const href = event.target instanceof Element ? event.target.closest("a")?.getAttribute("href") : null;
    if (href === null || href === undefined || !href.startsWith("/") || href.startsWith("/api/")) return;
    event.preventDefault();
    go(href);
  }
  const onPop = () => {
    route.value = here();
  };
  return {
    route,
    go,
    start: () => {
      document.addEventListener("click", onClick);
      addEventListener("popstate", onPop);
    },
    stop: () => {
      document.removeEventListener("click", onClick);
      removeEventListener("popstate", onPop);
    },
  };
}
