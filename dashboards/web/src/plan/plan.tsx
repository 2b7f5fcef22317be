import { useMemo, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import type { PlaceIndex } from "../places/place-index.js";
import { useWidth } from "../ui/use-width.js";
import type { Matches } from "./counts.js";
import { floorsOf } from "./floors.js";
import { Legend } from "./legend.js";
import { planModel } from "./model.js";
import { PlanDrawing } from "./plan-drawing.js";
import "./plan.css";

/** The plan of the site with what is where. `selected` is drawn forth; with `matches` only these are counted. */
export function Plan({ selected, matches }: { selected: string | null; matches: Matches | null }) {
  const { world } = useApp();
  const places = world.places.value;
  if (places === null) return <p class="muted">{t.loading}</p>;
  return <SitePlan places={places} selected={selected} matches={matches} />;
}

function SitePlan({
  places,
  selected,
  matches,
}: {
  places: PlaceIndex;
  selected: string | null;
  matches: Matches | null;
}) {
  const floors = useMemo(() => floorsOf(places), [places]);
  const [chosen, choose] = useState<string | null>(null);
  const [frame, width] = useWidth<HTMLDivElement>();
  const wanted = chosen ?? (selected === null ? null : places.floorOf(selected));
  const floor = floors.find(({ id }) => id === wanted) ?? floors[0];
  const tall = width < 500 ? 620 : 660;
  const model = useMemo(
    () =>
      floor === undefined || width === 0 ? null : planModel(places, floor, width, Math.min(tall, innerHeight * 0.78)),
    [places, floor, width, tall],
  );
  return (
    <div class="plan" ref={frame}>
      {floors.length > 1 && (
        <fieldset class="plan-floors">
          <legend class="unseen">{t.plan.floors}</legend>
          {floors.map(({ id, name }) => (
            <button key={id} type="button" class="chip" aria-pressed={id === floor?.id} onClick={() => choose(id)}>
              {name}
            </button>
          ))}
        </fieldset>
      )}
      {floor === undefined && <p class="muted">{t.plan.noOutline}</p>}
      {model !== null && <PlanDrawing places={places} model={model} selected={selected} matches={matches} />}
      {model !== null && <Legend />}
    </div>
  );
}
