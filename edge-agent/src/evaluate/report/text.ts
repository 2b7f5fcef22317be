import type { Site } from "../antenna-map.js";
import type { Figures, Latency, MethodFigures } from "./figures.js";
import { count, table } from "./table.js";

interface About {
  readonly site: Site;
  readonly portalRoundMs: number;
  readonly shelfRoundMs: number;
  readonly settlingMs: number;
  readonly toleranceMs: number;
  readonly visitGapMs: number;
}

/** What an installer reads. */
export function textOf(figures: Figures, about: About): string {
  return `${[...recordingLines(figures, about), ...presenceLines(figures, about), ...passageLines(figures, about), ...lineLines(figures, about)].join("\n")}\n`;
}

function recordingLines({ recording, truth }: Figures, { site, portalRoundMs, shelfRoundMs }: About): string[] {
  const { files, from, to, reads, withoutRssi, badLines, badLineExamples, unmappedReads, holes } = recording;
  const shelves = site.readPoints.filter(({ role }) => role === "shelf").length;
  const portals = site.readPoints.length - shelves;
  const places = [
    ...several(shelves, "shelf", "shelves"),
    ...several(portals, "portal", "portals"),
    ...several(site.lines.length, "line with one antenna", "lines with one antenna"),
  ].join(", ");
  const rows = [
    ["recording", `${files.join(", ")}: ${count(reads)} reads from ${from} to ${to} (${spanOf(from, to)})`],
    ["read points", places],
    ...(shelves + portals === 0
      ? []
      : [["rounds", `as recorded, else slices of ${portalRoundMs} ms at portals and ${shelfRoundMs} ms at shelves`]]),
    [
      "RSSI",
      withoutRssi === 0
        ? "dBm, in every read"
        : withoutRssi === reads
          ? "none: every read counts as -50 dBm"
          : `${count(withoutRssi)} reads have none and count as -50 dBm`,
    ],
    [
      "truth",
      truth === null
        ? "none: counts and inferred misses only"
        : `${count(truth.stays)} stays and ${count(truth.passages)} passages of ${count(truth.tags)} tags`,
    ],
  ];
  const unmapped = Object.entries(unmappedReads);
  if (unmapped.length > 0) {
    const named = unmapped.slice(0, 5).map(([name, n]) => `${name} (${count(n)})`);
    const more = unmapped.length > 5 ? ` and ${unmapped.length - 5} more` : "";
    rows.push(["not in the map", `reads at ${named.join(", ")}${more} left out`]);
  }
  if (recording.filteredReads > 0)
    rows.push(["EPC filter", `${count(recording.filteredReads)} reads of foreign or persons' tags left out`]);
  if (holes > 0) rows.push(["holes", `${holes}, together ${count(recording.holeSeconds)} s, in which nobody watched`]);
  rows.push(["bad lines", badLines === 0 ? "none" : `${count(badLines)} left out, the first of them:`]);
  return [
    table(rows.map(([name = "", text = ""]) => [`${name}`.padEnd(16) + text])),
    ...badLineExamples.map((line) => `  ${line}`),
  ];
}

function presenceLines({ methods }: Figures, { site, toleranceMs, settlingMs }: About): string[] {
  if (!site.readPoints.some(({ role }) => role === "shelf")) return [];
  const judged = methods.some(({ presence }) => presence !== undefined);
  if (!judged)
    return [
      "",
      "SHELVES, without truth",
      "",
      table([
        heading(methods),
        row("arrivals told", methods, ({ told }) => count(told.arrivals)),
        row("departures told", methods, ({ told }) => count(told.departures)),
      ]),
      "",
      "Tags that lie still arrive once and depart never: the fewer of both, the calmer the shelf.",
    ];
  const of = (text: (presence: NonNullable<MethodFigures["presence"]>) => string) => (one: MethodFigures) =>
    one.presence === undefined ? "-" : text(one.presence);
  return [
    "",
    "SHELVES, beside the truth",
    "",
    table([
      heading(methods),
      row(
        "precision (of the tag time told, true)",
        methods,
        of(({ precision }) => share(precision)),
      ),
      row(
        "recall (of the true tag time, told)",
        methods,
        of(({ recall }) => share(recall)),
      ),
      row(
        "false departures",
        methods,
        of(({ falseDepartures }) => count(falseDepartures)),
      ),
      row(
        "  per 1000 tag hours",
        methods,
        of(({ falseDepartures, tagHours }) => perThousand(falseDepartures, tagHours)),
      ),
      row(
        "departures told while blind",
        methods,
        of(({ departuresWhileBlind }) => count(departuresWhileBlind)),
      ),
      row(
        "stays never told",
        methods,
        of(({ missedStays, stays }) => `${count(missedStays)} of ${count(stays)}`),
      ),
      row(
        "arrival told after, median / 95 %",
        methods,
        of(({ arrivalSeconds }) => times(arrivalSeconds)),
      ),
      row(
        "departure told after, median / 95 %",
        methods,
        of(({ departureSeconds }) => times(departureSeconds)),
      ),
    ]),
    "",
    `The first ${settlingMs / 1000} s are not judged. A departure is false where the tag stays for more than ${toleranceMs / 1000} s after it.`,
  ];
}

function passageLines({ methods }: Figures, { site, settlingMs }: About): string[] {
  if (!site.readPoints.some(({ role }) => role === "portal")) return [];
  const judged = methods.some(({ passages }) => passages !== undefined);
  const of = (text: (passages: NonNullable<MethodFigures["passages"]>) => string) => (one: MethodFigures) =>
    one.passages === undefined ? "-" : text(one.passages);
  return [
    "",
    judged ? "PORTALS, beside the truth" : "PORTALS, without truth",
    "",
    table([
      heading(methods),
      row("passages told, in / out", methods, ({ told }) => `${count(told.in)} / ${count(told.out)}`),
      ...(judged
        ? [
            row(
              "precision (of those told, true)",
              methods,
              of(({ precision }) => share(precision)),
            ),
            row(
              "recall (of the true ones, told)",
              methods,
              of(({ recall }) => share(recall)),
            ),
            row(
              "right direction (of those found)",
              methods,
              of(({ directionAccuracy }) => share(directionAccuracy)),
            ),
            row(
              "told after, median / 95 %",
              methods,
              of(({ latencySeconds }) => times(latencySeconds)),
            ),
          ]
        : []),
      row(
        "inferred misses (of passages checked)",
        methods,
        ({ inferredMisses: { misses, checked } }) => `${count(misses)} of ${count(checked)}`,
      ),
    ]),
    "",
    judged
      ? `The first ${settlingMs / 1000} s are not judged. A passage told is true within 4 s of one of the same tag at the same portal.`
      : "",
    "An inferred miss: the tag passes from a room into which it was not seen to go, so a passage before was missed, or one was invented.",
  ].filter((line, index, all) => line !== "" || all[index - 1] !== "");
}

function lineLines({ lines, usualRoundSeconds }: Figures, { visitGapMs }: About): string[] {
  if (lines.length === 0) return [];
  const rows = lines.map(({ readPoint, reads, visits, tags, misses }) => [
    readPoint,
    count(visits),
    count(tags),
    count(reads),
    count(misses),
    visits + misses === 0 ? "-" : `${((100 * misses) / (visits + misses)).toFixed(2)} %`,
  ]);
  return [
    "",
    "LINES with one antenna",
    "",
    table([["", "passages", "tags", "reads", "inferred misses", "missed"], ...rows]),
    "",
    `A passage here is a visit: reads of one tag less than ${visitGapMs / 1000} s apart. One antenna tells no direction, so no`,
    "filter of a portal is asked.",
    ...(lines.length > 1
      ? [
          `An inferred miss: tags go round by the lines in the order of the map, in ${usualRoundSeconds?.toFixed(0) ?? "-"} s as a rule. One that comes by a`,
          "line again without the lines between, after half to one and a half of that (of its own time, once it has gone round",
          "five times), was missed there. Who stays away for longer may have rested and is not counted, nor is who was missed by",
          "every line.",
        ]
      : []),
  ];
}

function several(n: number, one: string, more: string): string[] {
  return n === 0 ? [] : [`${n} ${n === 1 ? one : more}`];
}

function heading(methods: readonly MethodFigures[]): string[] {
  return ["", ...methods.map(({ method }) => method)];
}

function row(name: string, methods: readonly MethodFigures[], text: (figures: MethodFigures) => string): string[] {
  return [name, ...methods.map(text)];
}

function share(value: number | null): string {
  return value === null ? "-" : `${(100 * value).toFixed(1)} %`;
}

function times({ p50, p95 }: Latency): string {
  return p50 === null || p95 === null ? "-" : `${p50.toFixed(1)} / ${p95.toFixed(1)} s`;
}

function perThousand(events: number, hours: number): string {
  return hours === 0 ? "-" : ((1000 * events) / hours).toFixed(1);
}

function spanOf(from: string, to: string): string {
  const minutes = (Date.parse(to) - Date.parse(from)) / 60_000;
  return minutes < 120 ? `${minutes.toFixed(1)} min` : `${(minutes / 60).toFixed(1)} h`;
}
