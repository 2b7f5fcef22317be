import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Site } from "@storeward/contracts";
import { SimulatedTime } from "@storeward/reader-simulators";
import { isoMs, loadConfig } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { evaluateRecording } from "./recorded.js";
import { reportOf } from "./report.js";

const {
  STOREWARD_LOCATIONS_RECORDING: recording,
  STOREWARD_LOCATIONS_SITE: siteFile,
  STOREWARD_LOCATIONS_REPORT: report,
} = process.env;
const folder = mkdtempSync(join(tmpdir(), "storeward-recorded-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(recording === undefined)(
  "recorded reads (skipped unless npm run evaluate:locations names some)",
  () => {
    it("are evaluated", { timeout: 3_600_000 }, async () => {
      const found = await evaluateRecording(recording ?? "", loadConfig(Site, siteFile ?? ""));
      writeFileSync(report ?? "", reportOf(found));
    });
  },
);

describe("recorded reads with truth", () => {
  it("are played to the filters and located like those of a device, and lines that are none are counted", {
    timeout: 300_000,
  }, async () => {
    const time = new SimulatedTime({ seed: 11, pace: 0.5 });
    const lines = ["time,reader,antenna,epc,rssi,place", "yesterday,reader-shelf-a,1,30AA,-50,shelf-a-1"];
    while (time.now < 30_000) {
      const turns = time.step();
      const places = new Map(time.truth().items.map(({ epc, place }) => [epc, place]));
      for (const { reader, antenna, readings } of turns)
        for (const { epc, rssi, at } of readings)
          lines.push(
            `${isoMs(at + 1_700_000_000_000)},${reader},${antenna},${epc},${rssi.toFixed(1)},${places.get(epc)}`,
          );
    }
    lines.push("2023-11-14T22:14:00.000Z,reader-shelf-a,1,3056451FD46B8500000003E8,-50,nowhere");
    const file = join(folder, "reads.csv");
    writeFileSync(file, lines.join("\n"));
    const found = await evaluateRecording(file, time.site);
    expect(found.reads).toBe(lines.length - 3);
    expect(found.bad.count).toBe(2);
    const [own] = found.methods;
    expect(own?.method).toBe("Storeward");
    expect(own?.score.seconds).toBeGreaterThan(200);
    expect((own?.score.right ?? 0) / (own?.score.seconds ?? 1)).toBeGreaterThan(0.8);
    const walked = found.walked.get("shelf-a-1");
    expect(walked?.rssi).toBeGreaterThan(-65);
    expect(walked?.rssi).toBeLessThan(-25);
    expect(reportOf(found)).toMatch(/time right[\s\S]*shelf-a-1 +walked: \{ rssi: -\d/);
  });

  it("are used without the lines that are none, each of which is named with its reason", async () => {
    const epc = "3056451FD46B8500000003E8";
    const good = Array.from(
      { length: 120 },
      (_, at) => `${1_700_000_000 + at / 2},reader-shelf-a,1,${epc},-45,shelf-a-1,`,
    );
    const none = [
      [
        "1700000000,reader-shelf-a,9,3056451FD46B8500000003E8,-45,shelf-a-1,",
        "names no antenna of the site: reader-shelf-a 9",
      ],
      ["1700000000,,1,3056451FD46B8500000003E8,-45,shelf-a-1,", "names no reader"],
      ["1700000000,reader-shelf-a,1,E28011700000020ABC,-45,shelf-a-1,", "which the filter of the site keeps out"],
      ["1700000000,reader-shelf-a,1,3056451FD46B8500000003E8,45,shelf-a-1,", "has the RSSI 45"],
      ["1700000000,reader-shelf-a,1,3056451FD46B8500000003E8,-45,attic,", "names no place of the site: attic"],
    ] as const;
    const round = "1700000030,reader-shelf-a,1,,,,round";
    const elsewhere = [
      "1700000031,reader-shelf-a,9,,,,round",
      "1700000032,reader-attic,,,,,blind",
      "1700000033,,1,,,,watching",
    ];
    // Nobody recorded for three days, and it goes on for a moment.
    const later = "1700259200,reader-shelf-a,1,3056451FD46B8500000003E8,-45,shelf-a-1,";
    const file = join(folder, "some.csv");
    const lines = [
      "time,reader,antenna,epc,rssi,place,event",
      ...none.map(([line]) => line),
      ...good,
      round,
      ...elsewhere,
      later,
    ];
    writeFileSync(file, lines.join("\n"));
    const { reads, bad, methods } = await evaluateRecording(file, new SimulatedTime({ seed: 11, pace: 0.5 }).site);
    expect(reads).toBe(good.length + 1);
    expect(bad.count).toBe(none.length + elsewhere.length);
    expect(bad.examples).toEqual(none.map(([, why], index) => expect.stringMatching(`:${index + 2} .*${why}`)));
    // A round is of no thing; of the days that nobody recorded twenty minutes are played.
    expect(methods[0]?.score.seconds).toBeLessThanOrEqual(60 + 1_200 + 20);
  });

  it("are refused with a reason where no line has a place", { timeout: 60_000 }, async () => {
    const file = join(folder, "empty.csv");
    writeFileSync(file, "time,reader,antenna,epc,place\n1700000000,reader-shelf-a,1,30AA,nowhere\n");
    const { site } = new SimulatedTime({ seed: 11, pace: 0.5 });
    await expect(evaluateRecording(file, site)).rejects.toThrow("names no place of the site");
  });
});
