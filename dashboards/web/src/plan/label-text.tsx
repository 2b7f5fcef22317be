import { t } from "../messages/index.js";
import { countAt, type Matches, matchesAt } from "../places/counts.js";
import type { PlaceIndex } from "../places/place-index.js";
import { FONT, type Label, PILL_HEIGHT } from "./place-labels.js";

const DIGIT = 6.9;

/** A place's name and number. Of a search only the number found is shown, and none where nothing was. */
export function LabelText({
  label: { place, at, lines, type },
  places,
  matches,
}: {
  label: Label;
  places: PlaceIndex;
  matches: Matches | null;
}) {
  const now = places.byId.get(place.id) ?? place;
  const { items, unknown } = countAt(places, now);
  const found = matches === null ? null : matchesAt(places, now, matches);
  const count = found === null ? String(items) : found > 0 ? String(found) : "";
  const unsure = found === null && unknown > 0 ? t.plan.unknownShort(unknown) : "";
  return type === "pill" ? (
    <Pill at={at} count={count} unsure={unsure} found={found !== null} />
  ) : (
    <Name
      at={at}
      lines={lines}
      count={type === "count" ? count : ""}
      unsure={unsure}
      type={type}
      found={found !== null}
    />
  );
}

interface Numbered {
  readonly at: Label["at"];
  readonly count: string;
  readonly unsure: string;
  readonly found: boolean;
}

function Pill({ at: [x, y], count, unsure, found }: Numbered) {
  if (count === "") return null;
  const width = Math.max((count.length + (unsure === "" ? 0 : unsure.length + 0.6)) * DIGIT + 14, 26);
  return (
    <g class={found ? "plan-pill plan-pill-found" : "plan-pill"}>
      <rect x={x - width / 2} y={y - PILL_HEIGHT / 2} width={width} height={PILL_HEIGHT} rx={PILL_HEIGHT / 2} />
      <text x={x} y={y + 4.2}>
        {count}
        {unsure !== "" && <tspan class="plan-unknown"> {unsure}</tspan>}
      </text>
    </g>
  );
}

function Name({ at: [x, y], lines, count, unsure, found, type }: Numbered & Pick<Label, "lines" | "type">) {
  const line = FONT * 1.25;
  const numbered = type === "count" ? 1.25 : 0;
  const top = y - ((lines.length + numbered) * line) / 2 + FONT * 0.9;
  return (
    <g class={found && count !== "" ? "plan-label plan-label-found" : "plan-label"}>
      {lines.map((text, i) => (
        <text key={text} class={type === "name" ? "plan-name plan-name-only" : "plan-name"} x={x} y={top + i * line}>
          {text}
        </text>
      ))}
      {count !== "" && (
        <text class="plan-count" x={x} y={top + lines.length * line + 3}>
          {count}
          {unsure !== "" && <tspan class="plan-unknown"> · {unsure}</tspan>}
        </text>
      )}
    </g>
  );
}
