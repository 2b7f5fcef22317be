import { useMemo, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import type { Matches } from "../places/counts.js";
import type { PlaceIndex } from "../places/place-index.js";
import { useWidth } from "../ui/use-width.js";
import { floorsOf } from "./floors.js";
import { Legend } from "./legend.js";
import { planModel, type Shape } from "./model.js";
import { PlanDrawing } from "./plan-drawing.js";
import "./plan.css";

interface PlanProps {
  /** The place that is drawn forth. */
  readonly selected: string | null;
  /** What a search found; with it only that is counted. */
  readonly matches: Matches | null;
  /** The only item whose moves are shown. */
  readonly item?: string;
}

/** The plan of the site with what is where. */
export function Plan(props: PlanProps) {
  const { world } = useApp();
  const places = world.places.value;
  if (places === null) return <p class="muted">{t.loading}</p>;
  return <SitePlan places={places} {...props} />;
}

function SitePlan({ places, selected, matches, item }: PlanProps & { places: PlaceIndex }) {
  const floors = useMemo(() => floorsOf(places), [places]);
  const [chosen, choose] = useState<string | null>(null);
  const [frame, width] = useWidth<HTMLDivElement>();
  const wanted = chosen ?? (selected === null ? null : places.floorOf(selected));
  const floor = floors.find(({ id }) => id === wanted) ?? floors[0];
  const tall = Math.min(width < 500 ? 620 : 660, innerHeight * 0.78);
  // Numbers change with every move, the drawing hardly ever: it is laid out anew only when it does.
  const drawn = floor?.places.map((place) => [place.id, place.name, place.outline, place.observable, place.readPoints]);
  const key = JSON.stringify([drawn, width, tall]);
  // The key stands for all that the model is made of.
  const model = useMemo(
    () => (floor === undefined || width === 0 ? null : planModel(places, floor, width, tall)),
    [key],
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
      {model !== null && (
        <PlanDrawing places={places} model={model} selected={selected} matches={matches} item={item ?? null} />
      )}
      {model !== null && <Legend shared={model.shapes.some(isShared)} />}
    </div>
  );
}

const isShared = ({ place, asks, level }: Shape) => level === "room" && place.id !== asks;
