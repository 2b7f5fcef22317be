import type { RecordedFigures } from "./recorded.js";
import { BINS, type Score } from "./score.js";

/** What was found out of a recording, as text. */
export function reportOf({ reads, bad, methods, walked }: RecordedFigures): string {
  const names = methods.map(({ method }) => method.padStart(18)).join("");
  const line = (title: string, of: (score: Score) => string) =>
    `${title.padEnd(44)}${methods.map(({ score }) => of(score).padStart(18)).join("")}`;
  const percent = (part: number, whole: number) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
  const own = methods[0]?.score;
  const reliability = (own?.reliability ?? []).flatMap(({ seconds, right }, index) => {
    if (seconds === 0) return [];
    const said = `said ${BINS[index - 1] ?? 0} to ${Math.min(1, BINS[index] ?? 1)}`;
    return [`  ${said.padEnd(20)}right ${percent(right, seconds).padStart(8)} of ${Math.round(seconds)} s`];
  });
  return [
    `${reads} reads with a place; ${bad.count} lines were none${bad.examples.map((one) => `\n  ${one}`).join("")}`,
    `${"".padEnd(44)}${names}`,
    line("time right", ({ right, seconds }) => percent(right, seconds)),
    line("claimed and false", ({ claimedWrong, seconds }) => percent(claimedWrong, seconds)),
    line("transition F1", ({ foundMoves, trueMoves, toldMoves }) => percent(2 * foundMoves, trueMoves + toldMoves)),
    line("false moves", ({ falseMoves }) => String(falseMoves)),
    line("Brier score", ({ brier, seconds }) => (seconds === 0 ? "-" : (brier / seconds).toFixed(3))),
    line("more than 0.9 sure and wrong, longest", ({ longestSureWrong }) => `${longestSureWrong} s`),
    "How often Storeward was right, by how sure it was:",
    ...reliability,
    "How each board read what lay on it, for readPoints in site.yaml:",
    // How often is not said: a recording knows its rounds only roughly.
    ...[...walked].map(([id, { rssi }]) => `  ${id.padEnd(20)}walked: { rssi: ${rssi} }`),
    "",
  ].join("\n");
}
