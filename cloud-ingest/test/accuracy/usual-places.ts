import { readFileSync } from "node:fs";
import type { TrueMove } from "./score.js";

const ITEMS = new URL("../../../reader-simulators/site/items.csv", import.meta.url);

/** The kind of each thing, by EPC. */
function kindsOf(): Map<string, string> {
  const lines = readFileSync(ITEMS, "utf8").trim().split(/\r?\n/).slice(1);
  return new Map(
    lines.map((line) => {
      const cells = line.match(/(?:"[^"]*"|[^,])+/g) ?? [];
      return [cells[0] ?? "", cells[2] ?? ""];
    }),
  );
}

/** How long things of each kind were where: who always names the usual place of a kind knows that beforehand. */
export class UsualPlaces {
  readonly #kinds = kindsOf();
  readonly #seconds = new Map<string, Map<string, number>>();

  look(seconds: number, truth: readonly TrueMove[]): void {
    for (const { epc, place } of truth) {
      const kind = this.#kinds.get(epc) ?? "";
      const places = this.#seconds.get(kind) ?? new Map<string, number>();
      this.#seconds.set(kind, places.set(place, (places.get(place) ?? 0) + seconds));
    }
  }

  /** The mean Brier score of naming the place where a kind mostly is, as sure of it as that is often right. */
  brier(): number {
    let [sum, all] = [0, 0];
    for (const places of this.#seconds.values()) {
      const whole = [...places.values()].reduce((a, b) => a + b, 0);
      const share = Math.max(...places.values()) / whole;
      sum += whole * (share * (1 - share) ** 2 + (1 - share) * (1 + share ** 2));
      all += whole;
    }
    return sum / all;
  }
}
