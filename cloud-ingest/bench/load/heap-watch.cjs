/*
 * Loaded into the service before its own code (`--require`): writes, after each collection of its whole heap, what is left, MiB, to the file that STOREWARD_BENCH_HEAP names.
 */
const { appendFileSync } = require("node:fs");
const { constants, PerformanceObserver } = require("node:perf_hooks");

const file = process.env.STOREWARD_BENCH_HEAP;
if (file !== undefined)
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries())
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)
        appendFileSync(file, `${Math.round(process.memoryUsage().heapUsed / 2 ** 20)}\n`);
  }).observe({ entryTypes: ["gc"] });
