import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { useMoves } from "../ui/live-hooks.js";
import { addMove, MOVE_MS, type Move } from "./moves.js";

/** Moves of the last seconds, of one item or of all, gone by themselves. */
export function useRecentMoves(item: string | null): readonly Move[] {
  const [moves, setMoves] = useState<readonly Move[]>([]);
  useMoves((event) => {
    if (item === null || event.item.id === item) setMoves((was) => addMove(was, event, performance.now()));
  });
  useEffect(() => {
    const [first] = moves;
    if (first === undefined) return;
    const due = first.startedAt + MOVE_MS - performance.now();
    const timer = setTimeout(
      () => setMoves((was) => was.filter((move) => performance.now() - move.startedAt < MOVE_MS)),
      Math.max(due, 0) + 20,
    );
    return () => clearTimeout(timer);
  }, [moves]);
  return moves;
}

const PULSE_MS = 1_600;

/** Read points that something has just passed. */
export function useRecentPassages(): ReadonlySet<string> {
  const { world } = useApp();
  const [points, setPoints] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const due = timers.current;
    const stop = world.onPassage(({ readPoint }) => {
      setPoints((was) => new Set(was).add(readPoint));
      clearTimeout(due.get(readPoint));
      due.set(
        readPoint,
        setTimeout(() => setPoints((was) => new Set([...was].filter((id) => id !== readPoint))), PULSE_MS),
      );
    });
    return () => {
      stop();
      for (const timer of due.values()) clearTimeout(timer);
      due.clear();
    };
  }, [world]);
  return points;
}
