import type { Location } from "@storeward/contracts";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import type { PlaceIndex } from "../places/place-index.js";
import { countAt, type Matches, matchesAt } from "./counts.js";
import { polygonPoints } from "./geometry.js";
import { FONT, type Label, PILL, type PlanModel, type Portal, type Shape } from "./model.js";
import { MoveMark } from "./move-mark.js";
import { useRecentMoves, useRecentPassages } from "./use-moves.js";

interface DrawingProps {
  readonly places: PlaceIndex;
  readonly model: PlanModel;
  readonly selected: string | null;
  readonly matches: Matches | null;
}

export function PlanDrawing({ places, model, selected, matches }: DrawingProps) {
  const moves = useRecentMoves();
  const passed = useRecentPassages();
  const { width, height } = model.projection;
  const arriving = new Set(moves.map(({ to }) => to));
  return (
    // Not an image for assistive technology: it holds links, one a place.
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label
    <svg
      class={`plan-drawing ${matches === null ? "" : "plan-searching"}`}
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
        />
      ))}
      {model.portals.map((portal) => (
        <PortalMark key={portal.id} portal={portal} passed={passed.has(portal.id)} />
      ))}
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
    </svg>
  );
}

/** The worst of a place's own shelf readers; none where it has none. */
function shelfState(place: Location): string {
  const states = place.readPoints.filter(({ role }) => role === "shelf").map(({ state }) => state);
  return (["blind", "unheard", "doubtful", "watching"] as const).find((state) => states.includes(state)) ?? "none";
}

function ShapeLink({
  shape: { place, asks, level, outline },
  places,
  matches,
  selected,
  arriving,
}: {
  shape: Shape;
  places: PlaceIndex;
  matches: Matches | null;
  selected: boolean;
  arriving: boolean;
}) {
  const asked = places.byId.get(asks);
  const own = asks === place.id || asked === undefined;
  const { items, unknown } = countAt(places, place);
  const words = own ? t.plan.counts(items, unknown) : t.plan.countedUnder(asked.name);
  const found = matches !== null && matchesAt(places, asked ?? place, matches) > 0;
  const points = polygonPoints(outline);
  if (level === "ground") return <polygon class="plan-ground" points={points} />;
  return (
    <a
      href={homeHref("", asks)}
      class={`plan-place plan-${level} ${own ? "" : "plan-shared"} ${selected ? "plan-selected" : ""} ${arriving ? "plan-arriving" : ""} ${found ? "plan-found" : ""}`}
      aria-label={t.plan.placeLabel(place.name, words)}
      aria-current={selected ? "true" : undefined}
      data-testid={`plan-place-${place.code}`}
      data-state={shelfState(place)}
    >
      <title>{t.plan.placeLabel(place.name, words)}</title>
      <polygon points={points} />
      {level === "shelf" && <polygon class="plan-reach" points={points} />}
    </a>
  );
}

function LabelText({
  label: { place, at, lines, type },
  places,
  matches,
}: {
  label: Label;
  places: PlaceIndex;
  matches: Matches | null;
}) {
  const [x, y] = at;
  const { items, unknown } = countAt(places, place);
  const found = matches === null ? null : matchesAt(places, place, matches);
  const count = found === null ? String(items) : found === 0 ? "–" : String(found);
  if (type === "pill")
    return (
      <g class={`plan-pill ${found !== null && found > 0 ? "plan-pill-found" : ""}`} aria-hidden="true">
        <rect
          x={x - PILL.width / 2}
          y={y - PILL.height / 2}
          width={PILL.width}
          height={PILL.height}
          rx={PILL.height / 2}
        />
        <text x={x} y={y + 4.2}>
          {count}
          {found === null && unknown > 0 && <tspan class="plan-unknown"> {t.plan.unknownShort(unknown)}</tspan>}
        </text>
      </g>
    );
  const line = FONT * 1.25;
  const extra = type === "count" ? 1.25 : 0;
  const top = y - ((lines.length + extra) * line) / 2 + FONT * 0.9;
  return (
    <g class={`plan-label ${found !== null && found > 0 ? "plan-label-found" : ""}`} aria-hidden="true">
      {lines.map((text, i) => (
        <text key={text} class={type === "name" ? "plan-name plan-name-only" : "plan-name"} x={x} y={top + i * line}>
          {text}
        </text>
      ))}
      {type === "count" && (
        <text class="plan-count" x={x} y={top + lines.length * line + 3}>
          {count}
          {found === null && unknown > 0 && <tspan class="plan-unknown"> · {t.plan.unknownShort(unknown)}</tspan>}
        </text>
      )}
    </g>
  );
}

function PortalMark({ portal: { id, at, state }, passed }: { portal: Portal; passed: boolean }) {
  const [x, y] = at;
  return (
    <g class={`plan-portal plan-portal-${state} ${passed ? "plan-portal-passed" : ""}`} data-testid={`portal-${id}`}>
      <title>{`${t.plan.portal(id)}: ${t.plan.readPoint[state]}. ${t.plan.readPointHint[state]}`}</title>
      <circle class="plan-portal-ring" cx={x} cy={y} r="9" />
      <circle class="plan-portal-disc" cx={x} cy={y} r="9" />
      <path class="plan-portal-sign" d={SIGNS[state]} transform={`translate(${x} ${y})`} />
    </g>
  );
}

/** Told apart by their sign and not by colour alone: two ways, a cross, a question mark, a dash. */
const SIGNS = {
  watching: "M-4.500 0h9M-2.500-2.500-5 0l2.500 2.500M2.500-2.500 5 0 2.500 2.500",
  blind: "M-3.200-3.200 3.200 3.200M3.200-3.200-3.200 3.200",
  doubtful: "M-2.200-1.800a2.200 2.200 0 1 1 3.300 1.900C.3.600 0 .9 0 1.700M0 4.300h.01",
  unheard: "M-3.500 0h7",
} as const;

export const PORTAL_SIGNS = SIGNS;
