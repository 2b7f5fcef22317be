/** Agents' journals to committed: Mosquitto and Debian's PostgreSQL. */
import { benchIntake } from "./load/benches.js";

await benchIntake({ outside: true, name: "intake-postgres" });
