import { t } from "../messages/index.js";
import type { Matches } from "../places/counts.js";
import type { PlaceIndex } from "../places/place-index.js";
import { LabelText } from "./label-text.js";
import type { PlanModel } from "./model.js";
import { MoveMark } from "./move-mark.js";
import { PortalMark } from "./portal-mark.js";
import { ShapeLink } from "./shape-link.js";
import { useRecentMoves, useRecentPassages } from "./use-moves.js";

interface DrawingProps {
  readonly places: PlaceIndex;
  readonly model: PlanModel;
  readonly selected: string | null;
  readonly matches: Matches | null;
  /** Shows only this item moving; null: all. */
  readonly item: string | null;
}

export function PlanDrawing({ places, model, selected, matches, item }: DrawingProps) {
  const moves = useRecentMoves(item);
  const passed = useRecentPassages();
  const { width, height } = model.projection;
  const arriving = new Set(moves.map(({ to }) => to));
  return (
    // biome-ignore lint/a11y/useSemanticElements: no fieldset in a drawing; it is a group of links, one a place
    <svg
      class="plan-drawing"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={t.plan.label(places.list.site.name)}
      data-testid="plan"
    >
      {model.shapes.map((shape) => (
        <ShapeLink
          key={shape.place.id}
          shape={shape}
          places={places}
          matches={matches}
          selected={selected === shape.asks || selected === shape.place.id}
          arriving={arriving.has(shape.asks)}
          pill={model.labels.find(({ place, type }) => type === "pill" && place.id === shape.place.id)?.at}
        />
      ))}
      {model.portals.map((portal) => (
        <PortalMark key={portal.id} portal={portal} passed={passed.has(portal.id)} />
      ))}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the links say the same in words */}
      <g aria-hidden="true">
        {model.labels.map((label) => (
          <LabelText key={`${label.type} ${label.place.id}`} label={label} places={places} matches={matches} />
        ))}
        {moves.map((move) => {
          const from = model.spot(move.from);
          const to = model.spot(move.to);
          return from === null || to === null ? null : (
            <MoveMark key={move.key} from={from} to={to} names={move.names} width={width} />
          );
        })}
      </g>
    </svg>
  );
}
