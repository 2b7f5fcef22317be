import { useEffect, useMemo, useRef } from "preact/hooks";
import { useApp } from "../app/app.js";
import { Feed } from "../feed/feed-list.js";
import { t } from "../messages/index.js";
import { matchesOf } from "../places/counts.js";
import { NeverSeen } from "../plan/never-seen.js";
import { PlacePanel } from "../plan/place-panel.js";
import { PlacesList } from "../plan/places-list.js";
import { Plan } from "../plan/plan.js";
import { TroubleChips } from "../trouble/trouble.js";
import { Page } from "../ui/page.js";
import { IAmAt } from "./i-am-at.js";
import { Results } from "./results.js";
import { SearchBox } from "./search-box.js";
import { useSearch } from "./use-search.js";
import "./search.css";

/** The first page: search, plan, feed. With a search its results stand beside the plan, which counts only what was found. */
export function HomePage({ q, place }: { q: string; place: string | null }) {
  const { world } = useApp();
  const found = useSearch(q, place);
  const searching = q !== "";
  const matches = useMemo(
    () => (searching && found.data !== null && found.data.q !== "" ? matchesOf(found.data.page.items) : null),
    [searching, found.data],
  );
  const side = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone what was tapped is below the plan.
    if (place !== null && !searching) side.current?.scrollIntoView({ block: "nearest" });
  }, [place, searching]);

  const site = world.locations.value?.site.name;
  return (
    <Page title={searching ? q : (site ?? t.product)} className="home">
      <search class="finder">
        <SearchBox q={q} />
        <IAmAt />
      </search>
      <TroubleChips />
      <div class={`home-grid ${searching ? "home-searching" : ""}`}>
        <div class="home-side" ref={side}>
          {searching ? (
            <Results q={q} place={place} found={found} />
          ) : place === null ? (
            <PlacesList />
          ) : (
            <PlacePanel key={place} place={place} found={found} />
          )}
        </div>
        <section class="card home-plan" aria-labelledby="plan-heading">
          <h2 id="plan-heading">{t.plan.title}</h2>
          <Plan selected={place} matches={matches} />
          <NeverSeen />
        </section>
        <Feed />
      </div>
    </Page>
  );
}
