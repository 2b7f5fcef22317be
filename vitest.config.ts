import { defineConfig } from "vitest/config";

/** Workspaces resolve to their TypeScript sources, so tests need no build. */
export default defineConfig({
  resolve: { conditions: ["storeward-source", "node"] },
  ssr: { resolve: { conditions: ["storeward-source", "node"] } },
  test: {
    include: [
      "protocol/*/{src,test}/**/*.test.ts",
      "{edge-agent,cloud-ingest,reader-simulators,provisioning}/{src,test}/**/*.test.ts",
      "dashboards/{web,test}/**/*.test.ts",
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
