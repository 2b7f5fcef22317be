/** Two processes of the service on one PostgreSQL and one Mosquitto, beside one. */
import { benchTwo } from "./load/benches.js";

await benchTwo({ name: "two-postgres" });
