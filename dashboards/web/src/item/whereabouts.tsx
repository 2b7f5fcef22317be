import type { ItemDetail, PlaceRef } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import type { PlaceIndex } from "../places/place-index.js";
import { PreliminaryNote, whereWords } from "../search/item-list.js";
import { TroubleNote } from "../trouble/trouble.js";
import { Ago, For } from "../ui/ago.js";
import { ItemBadge } from "../ui/badge.js";
import { Icon } from "../ui/icon.js";
import { Meter } from "../ui/meter.js";
import { Evidence } from "./evidence.js";

const MOST_ALTERNATIVES = 3;

/** Where it is, since when, how sure, and why. */
export function Whereabouts({ item }: { item: ItemDetail }) {
  const { place, state, since, seenAt, confidence, alternatives, why, homePlace } = item;
  const { world } = useApp();
  return (
    <section
      class={`card whereabouts whereabouts-${state}`}
      aria-labelledby="where-heading"
      data-testid="whereabouts"
      data-state={state}
    >
      <header class="where-head">
        <h2 id="where-heading" class="where-place" data-testid="place">
          {place !== null && state === "here" ? (
            <a class="tap" href={homeHref("", place.id)}>
              {place.name}
            </a>
          ) : (
            whereWords(item)
          )}
        </h2>
        <ItemBadge state={state} />
      </header>
      {place !== null && <p class="small muted">{place.path}</p>}
      <PreliminaryNote item={item} />
      <TroubleNote trouble={item.trouble} />
      <dl class="facts">
        <div>
          <dt>{t.item.since}</dt>
          <dd>
            {since === null ? (
              t.unknown
            ) : (
              <>
                <Ago at={since} />
                <Long since={since} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{t.item.lastSeen}</dt>
          <dd>{seenAt === null ? t.whereabouts.neverSeen : <Ago at={seenAt} />}</dd>
        </div>
        <div>
          <dt>{t.item.howSure}</dt>
          <dd>
            {/* Of an unknown place there is nothing to be sure of. */}
            {state === "unknown" ? t.unknown : <Sure confidence={confidence} />}
          </dd>
        </div>
        {alternatives.length > 0 && (
          <div>
            <dt>{t.item.orElse}</dt>
            {alternatives.slice(0, MOST_ALTERNATIVES).map(({ place: other, p }) => (
              <dd key={other.id}>
                <a class="tap" href={homeHref("", other.id)}>
                  {other.name}
                </a>{" "}
                <span class="num muted">{t.percent(p)}</span>
              </dd>
            ))}
          </div>
        )}
        <div>
          <dt>{t.item.homePlace}</dt>
          <dd>
            {homePlace === null ? (
              <span class="muted">{t.item.noHome}</span>
            ) : (
              <a class="tap" href={homeHref("", homePlace.id)}>
                {homePlace.name}
              </a>
            )}
          </dd>
        </div>
      </dl>
      <div class="where-why">
        <h3>{t.item.why}</h3>
        <p>{why}</p>
        <Evidence item={item} />
      </div>
      {state === "here" && isAway(world.places.value, place, homePlace) && (
        <p class="small muted where-home">
          <Icon name="home" size={16} />
          {t.item.awayFromHome}
        </p>
      )}
    </section>
  );
}

function Sure({ confidence }: { confidence: number }) {
  const sure = t.sure(confidence);
  const share = t.percent(confidence);
  return (
    <>
      {sure} <span class="num muted">{share}</span>
      <Meter value={confidence} max={1} label={t.item.howSure} text={`${sure}, ${share}`} />
    </>
  );
}

/** Whether it is elsewhere than at home, as far as readers can tell. */
function isAway(places: PlaceIndex | null, place: PlaceRef | null, home: PlaceRef | null): boolean {
  if (places === null || place === null || home === null || places.within(place.id, home.id)) return false;
  return places.byId.get(home.id)?.observable !== place.id;
}

const HOUR_MS = 3_600_000;

/** For how long, where the time of day does not say it. */
function Long({ since }: { since: string }) {
  const { world } = useApp();
  if (world.now.value.getTime() - Date.parse(since) < HOUR_MS) return null;
  return (
    <span class="muted">
      {" ("}
      <For since={since} />)
    </span>
  );
}
