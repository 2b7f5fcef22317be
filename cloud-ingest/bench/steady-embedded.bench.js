/** Memory under live data; STOREWARD_BENCH_SECONDS=200 makes ten minutes of it. */
import { benchSteady } from "./load/benches.js";

await benchSteady({ outside: false, name: "steady-embedded" });
