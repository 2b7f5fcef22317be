import type { Wall } from "../radio/scene.js";
import { along, apart, edgesOf, type Line, lineOf, type Point, pointAt, sameLine } from "./geometry.js";

const DOOR_WIDTH = 1.2;

/** The walls of rooms, each once however many rooms it parts, with gaps where the doors are. */
export function wallsOf(outlines: readonly (readonly Point[])[], doors: readonly Point[]): Wall[] {
  const lines: { line: Line; spans: [number, number][] }[] = [];
  for (const edge of outlines.flatMap(edgesOf)) {
    const line = lineOf(edge);
    const ends = [along(line, edge[0]), along(line, edge[1])].sort((a, b) => a - b) as [number, number];
    const known = lines.find((entry) => sameLine(entry.line, line));
    if (known === undefined) lines.push({ line, spans: [ends] });
    else known.spans.push(ends);
  }
  return lines.flatMap(({ line, spans }) => {
    const gaps = doors.flatMap((door): [number, number][] => {
      const at = along(line, door);
      return apart(pointAt(line, at), door) < 0.3 ? [[at - DOOR_WIDTH / 2, at + DOOR_WIDTH / 2]] : [];
    });
    return without(joined(spans), gaps).map(([from, to]) => ({ from: pointAt(line, from), to: pointAt(line, to) }));
  });
}

function joined(spans: readonly [number, number][]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1] + 0.05) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

function without(spans: readonly [number, number][], gaps: readonly [number, number][]): [number, number][] {
  let left = [...spans];
  for (const [open, close] of gaps) {
    left = left.flatMap(([from, to]): [number, number][] => {
      if (close <= from || open >= to) return [[from, to]];
      const pieces: [number, number][] = [
        [from, open],
        [close, to],
      ];
      return pieces.filter(([start, end]) => end > start);
    });
  }
  return left;
}
