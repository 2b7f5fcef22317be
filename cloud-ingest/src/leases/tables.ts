import { PARTITIONS } from "@storeward/contracts";
import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0140-lease",
    sql: `
-- Processes of the service. One lives until \`until\`, by the clock of the database, and says so again long before.
CREATE TABLE cloud_process (
  id text PRIMARY KEY,
  home text NOT NULL,
  software text NOT NULL,
  -- Its broker is its own, or its database: there can be no other beside it.
  alone boolean NOT NULL,
  hears boolean NOT NULL,
  started_at timestamptz NOT NULL,
  until timestamptz NOT NULL
);
-- Who takes in and follows which partition. One of a process that lives no longer is free.
CREATE TABLE partition_lease (
  partition int4 PRIMARY KEY,
  holder text,
  since timestamptz NOT NULL DEFAULT now()
);
INSERT INTO partition_lease (partition) SELECT generate_series(0, ${PARTITIONS - 1});
`,
  },
];
