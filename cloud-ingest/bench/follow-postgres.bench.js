/** Agents' journals to followed: Mosquitto and Debian's PostgreSQL. */
import { benchFollow } from "./load/benches.js";

await benchFollow({ outside: true, name: "follow-postgres" });
