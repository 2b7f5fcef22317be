/**
 * Processor time of the service's own process from its start until it answers, on a data folder that is there already: as it is installed, in one file,
 * and from its modules, in turns.
 */
import { compareStarts } from "../../protocol/runtime/bench/starts.js";
import { startService } from "./load/service.js";

const service = await startService({ agents: 1, outside: false });
try {
  await compareStarts({
    name: "start-cloud",
    bench: import.meta.url,
    rounds: 7,
    secondsOf: async (script) => {
      await service.kill();
      await service.start(script);
      return service.cpuSeconds();
    },
  });
} finally {
  await service.stop();
}
