import { describe } from "vitest";
import { systemPostgres } from "../src/database/testing.js";
import { databaseContract } from "./database.contract.js";

const isMissing = systemPostgres() === undefined && process.env.STOREWARD_REQUIRE_SERVERS !== "1";

describe("on the embedded PostgreSQL", { timeout: 60_000 }, () => databaseContract("embedded"));

describe.skipIf(isMissing)("on the system's PostgreSQL (skipped where it is not installed)", { timeout: 60_000 }, () =>
  databaseContract("system"),
);
