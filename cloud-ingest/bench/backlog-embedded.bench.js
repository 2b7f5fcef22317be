/** Agents that come back after a day, and a service that is killed. */
import { benchBacklog } from "./load/benches.js";

await benchBacklog({ outside: false, name: "backlog-embedded" });
