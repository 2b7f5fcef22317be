import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Workspaces resolve to their TypeScript sources, so tests need no build. */
const resolve = { conditions: ["storeward-source", "node"] };

const SYSTEM = "**/*.system.test.ts";
const TORTURE = "**/*.torture.test.ts";

/**
 * What takes longest, much of it waiting, first. On a new clone nothing is known of how long each file takes, and one that begins among the last
 * is waited for alone.
 */
const LONGEST = [
  "edge-agent/test/torture.test.ts",
  "cloud-ingest/test/outside.test.ts",
  "edge-agent/test/agent.test.ts",
  "cloud-ingest/src/database/embedded/server.test.ts",
  "edge-agent/test/drivers.test.ts",
  "cloud-ingest/test/service.test.ts",
  "protocol/codecs/test/package.test.ts",
  "protocol/runtime/src/run-process.test.ts",
  "reader-simulators/test/llrp-hour.test.ts",
  "edge-agent/test/accuracy/accuracy.test.ts",
  "edge-agent/test/accuracy/conditions.test.ts",
  "cloud-ingest/test/accuracy/locations-accuracy.test.ts",
  "cloud-ingest/test/series-outage.test.ts",
  "edge-agent/test/journal-crash.test.ts",
  "reader-simulators/test/box.system.test.ts",
  "reader-simulators/test/page.system.test.ts",
  "reader-simulators/test/box-kills.system.test.ts",
  "cloud-ingest/test/torture.system.test.ts",
  "cloud-ingest/test/alerts.system.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const long = LONGEST.flatMap((path) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/${path}`)));
    return [...long, ...sorted.filter((file) => !long.includes(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        ssr: { resolve },
        test: {
          name: "parts",
          isolate: false,
          // Much of the time a test waits for a process or a socket: also where there are two cores, five files run at once.
          maxWorkers: Math.max(5, availableParallelism() - 1),
          // Of one file: most of them wait.
          maxConcurrency: 12,
          include: [
            "protocol/*/**/*.test.ts",
            "{edge-agent,cloud-ingest,reader-simulators,provisioning,dashboards}/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/dist/**", SYSTEM, TORTURE],
          // What waits for something waits long enough for a machine that is busy with others' work; nothing is waited for twice.
          expect: { poll: { timeout: 40_000 } },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Whole boxes with their commands as built. They keep real time, which four at once on two cores do not: three run side by side.
        resolve,
        ssr: { resolve },
        test: {
          name: "system",
          maxWorkers: 3,
          // Vitest wants projects with another number of workers apart.
          sequence: { groupOrder: 1 },
          include: [SYSTEM],
          exclude: ["**/node_modules/**", "**/dist/**"],
          globalSetup: ["reader-simulators/test/box/build.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        // What would take a suite too long: `npm run torture`. One at a time, for each loads the machine by itself.
        resolve,
        ssr: { resolve },
        test: {
          name: "torture",
          sequence: { groupOrder: 2 },
          include: [TORTURE],
          globalSetup: ["reader-simulators/test/box/build.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
          fileParallelism: false,
          testTimeout: 15 * 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
