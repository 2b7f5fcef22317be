import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  DATABASE_NEWER: {
    template: "The database has been changed by a newer release (it knows {ids}): start that release, or a newer one",
  },
  MIGRATION_CHANGED: {
    template: "Migration {id} has been applied to this database in another wording: use the release that made it",
  },
  MIGRATION_FAILED: { template: "Migration {id} failed and was undone" },
  EMBEDDED_UNAVAILABLE: {
    template:
      "There is no embedded PostgreSQL for {platform}: install PostgreSQL 15 or newer and set DATABASE_URL, or run npm ci again without --omit=optional",
  },
  EMBEDDED_NO_ACCOUNT: {
    template:
      "PostgreSQL does not run as root, and this machine has no account postgres or nobody: start the service as an ordinary user, or set DATABASE_URL",
  },
  EMBEDDED_INIT_FAILED: { template: "The embedded database could not be created in {dir}: {reason}" },
  EMBEDDED_START_FAILED: { template: "The embedded database in {dir} does not start: {reason}", retryable: true },
  EMBEDDED_VERSION: {
    template:
      "The database in {dir} was made by PostgreSQL {found}, and this release brings {own}: write a backup with the earlier release, and restore it with this one",
  },
  EMBEDDED_PLACE_TAKEN: {
    template:
      "The database in {dir} belongs to the data folder {owner}: a copied data folder has no database of its own. Remove {pointer} and restore a backup",
  },
  DATABASE_IN_USE: { template: "A service uses the database ({count} connections): stop it first" },
  DATABASE_SILENT: {
    template:
      "The database has not answered for {seconds} s, and this connection to it is given up: what was asked last is done again, unless it turns out to be done. Look whether its machine runs, and whether something between here and there drops connections",
    status: 503,
    retryable: true,
  },
  DATABASE_UNREACHABLE: {
    template:
      "The database does not take a connection within {seconds} s: look whether its machine runs and can be reached",
    status: 503,
    retryable: true,
  },
  DATABASE_BUSY: {
    template: "All {max} connections of this process to the database are in use, and none was free within {seconds} s",
    status: 503,
    retryable: true,
  },
  DATABASE_LOCKED: {
    template:
      "Another session of the database holds a lock that was waited for too long. To see whose: SELECT pid, application_name, state, xact_start, query FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start",
    status: 503,
    retryable: true,
  },
  DATABASE_SLOW: {
    template:
      "A statement took longer than {seconds} s and was ended by the database, which is overloaded, or its disk is slow. More is allowed with database.statementSeconds",
    status: 503,
    retryable: true,
  },
  DATABASE_CLOSED: { template: "The database connection is closed", status: 503, retryable: true },
});
