import type { User } from "@storeward/contracts";
import { useEffect } from "preact/hooks";
import { AlertPage } from "../alerts/alert-page.js";
import { AlertsPage } from "../alerts/alerts-page.js";
import { GatewaysPage } from "../gateways/gateways-page.js";
import { ItemPage } from "../item/item-page.js";
import { t } from "../messages/index.js";
import { HomePage } from "../search/home-page.js";
import { TroublePage } from "../trouble/trouble-page.js";
import { Icon, type IconName, Mark } from "../ui/icon.js";
import { Page } from "../ui/page.js";
import { WorkListPage } from "../work-list/work-list-page.js";
import { useApp } from "./app.js";
import { Banners, Notice } from "./banners.js";
import { ConnectionState } from "./connection-state.js";
import { homeHref, type Route } from "./routing.js";
import "./shell.css";

const TABS = [
  { view: "home", href: "/", name: t.nav.home, icon: "search" },
  { view: "work-list", href: "/work-list", name: t.nav.workList, icon: "list" },
  { view: "alerts", href: "/alerts", name: t.nav.alerts, icon: "bell" },
  { view: "gateways", href: "/gateways", name: t.nav.gateways, icon: "gateway" },
] as const satisfies readonly { view: Route["view"]; href: string; name: string; icon: IconName }[];

/** What stands around every page for somebody who is signed in. */
export function Shell({ user }: { user: User }) {
  const { navigation, world, signOut } = useApp();
  const route = navigation.route.value;
  useSearchKey();
  return (
    <div class="shell">
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <header class="bar">
        <a class="brand" href={homeHref()}>
          <Mark />
          <span class="brand-name">{t.product}</span>
          <span class="brand-site">{world.locations.value?.site.name}</span>
        </a>
        <nav class="tabs" aria-label={t.nav.label}>
          {TABS.map(({ view, href, name, icon }) => (
            <a key={view} href={href} class="tab" aria-current={isAt(route, view) ? "page" : undefined}>
              <Icon name={icon} />
              <span>
                {name}
                {view === "alerts" && <OpenAlerts />}
              </span>
            </a>
          ))}
        </nav>
        <ConnectionState />
        <div class="who" title={t.user.signedInAs(user.username)}>
          <Icon name="user" />
          <span class="who-name">
            <span class="unseen">{t.user.signedInAs("")}</span>
            {user.username}
            <small>{t.user.role[user.role]}</small>
          </span>
          <button type="button" class="button button-small" onClick={() => void signOut()}>
            {t.user.signOut}
          </button>
        </div>
      </header>
      <Banners />
      <View route={route} />
      <Notice />
    </div>
  );
}

const isAt = (route: Route, view: string) =>
  route.view === view ||
  ((route.view === "item" || route.view === "trouble") && view === "home") ||
  (route.view === "alert" && view === "alerts");

/** How many nobody knows of yet. */
function OpenAlerts() {
  const { world } = useApp();
  const open = world.alerts.value?.open ?? 0;
  if (open === 0) return null;
  return (
    <>
      {" "}
      <span class="tab-count num" data-testid="open-alerts">
        {t.number(open)}
        <span class="unseen"> {t.alerts.openUnseen}</span>
      </span>
    </>
  );
}

function View({ route }: { route: Route }) {
  const { session } = useApp();
  const administrator = session.value.state === "in" && session.value.user.role === "administrator";
  switch (route.view) {
    case "home":
      return <HomePage q={route.q} place={route.place} />;
    case "item":
      return <ItemPage key={route.id} id={route.id} administrator={administrator} />;
    case "trouble":
      return <TroublePage kind={route.kind} />;
    case "work-list":
      return <WorkListPage administrator={administrator} />;
    case "alerts":
      return <AlertsPage state={route.state} administrator={administrator} />;
    case "alert":
      return <AlertPage key={route.id} id={route.id} />;
    case "gateways":
      return <GatewaysPage administrator={administrator} />;
    default:
      return (
        <Page title={t.notFound.title} heading={t.notFound.title}>
          <p>{t.notFound.text}</p>
          <p>
            <a href={homeHref()}>{t.notFound.home}</a>
          </p>
        </Page>
      );
  }
}

/** "/" goes to the search from anywhere but where one types. */
function useSearchKey() {
  const { navigation } = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target;
      if (target instanceof HTMLElement && target.closest("input, textarea, select, dialog") !== null) return;
      event.preventDefault();
      if (navigation.route.peek().view !== "home") navigation.go(homeHref());
      requestAnimationFrame(() => document.querySelector<HTMLInputElement>("input[type=search]")?.focus());
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigation]);
}
