import { useLayoutEffect, useRef } from "preact/hooks";
import type { Point } from "../places/shape.js";
import { MOVE_MS } from "./moves.js";

const TRAVEL_MS = 1_100;

/** A dot that goes from place to place and says what it is. Where motion is not wanted it stands at its end. */
export function MoveMark({
  from,
  to,
  names,
  width,
}: {
  from: Point;
  to: Point;
  names: readonly string[];
  width: number;
}) {
  const mark = useRef<SVGGElement>(null);
  const [x0, y0] = from;
  const [x1, y1] = to;
  // A move is of one moment: what is drawn anew meanwhile must not start it again.
  const path = useRef([x0 - x1, y0 - y1] as const);
  useLayoutEffect(() => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const [dx, dy] = path.current;
    const travel = mark.current?.animate(
      [{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "translate(0, 0)" }],
      { duration: TRAVEL_MS, easing: "cubic-bezier(.45,.05,.25,1)" },
    );
    const fade = mark.current?.animate([{ opacity: 1 }, { opacity: 1, offset: 0.8 }, { opacity: 0 }], {
      duration: MOVE_MS,
      fill: "forwards",
    });
    return () => {
      travel?.cancel();
      fade?.cancel();
    };
  }, []);
  const [first = ""] = names;
  const text = names.length > 1 ? `${shortened(first, 18)} +${names.length - 1}` : shortened(first, 24);
  const half = (text.length * 7.2 + 16) / 2;
  const middle = Math.min(Math.max(x1, half + 2), width - half - 2);
  return (
    <g class="plan-move" ref={mark}>
      <circle class="plan-move-halo" cx={x1} cy={y1} r="11" />
      <circle class="plan-move-dot" cx={x1} cy={y1} r="5.500" />
      <rect class="plan-move-ground" x={middle - half} y={y1 - 33} width={half * 2} height="19" rx="9.500" />
      <text x={middle} y={y1 - 19.5}>
        {text}
      </text>
    </g>
  );
}

const shortened = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
