/** Agents' journals to committed: embedded broker and PostgreSQL. */
import { benchIntake } from "./load/benches.js";

await benchIntake({ outside: false, name: "intake-embedded" });
