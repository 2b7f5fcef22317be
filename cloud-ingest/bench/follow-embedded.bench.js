/** Agents' journals to followed: embedded broker and PostgreSQL. */
import { benchFollow } from "./load/benches.js";

await benchFollow({ outside: false, name: "follow-embedded" });
