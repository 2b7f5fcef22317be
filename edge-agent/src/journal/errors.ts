import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  JOURNAL_FULL: {
    template:
      "The journal is full ({bytes} of {maxBytes} bytes): what is observed now is refused until the cloud releases rows",
    status: 507,
    retryable: true,
  },
  JOURNAL_DISK_FULL: {
    template:
      "The disk of the journal {file} is full: free space on it; what is observed now is refused until there is room",
    status: 507,
    retryable: true,
  },
  JOURNAL_ROW_TOO_LARGE: { template: "A {type} observation takes {bytes} bytes, more than {max}", retryable: false },
  JOURNAL_CLOSED: { template: "The journal is closed", status: 503, retryable: false },
  JOURNAL_FORKED: {
    template:
      "The cloud has row {committed} of epoch {epoch} with another chain than this journal (head {head}): the journal was restored from a copy, or two devices share one identity",
    status: 409,
    retryable: false,
  },
  JOURNAL_WENT_BACK: {
    template:
      "The journal {file} ends at row {head}, it once had {known}: it was restored from an older copy or replaced, and what the cloud has not of the rows between is lost",
    retryable: false,
  },
  JOURNAL_HAS_FORKED: {
    template:
      "On {at} the cloud had {committed} rows of epoch {forked} of another life than this journal's {head}: it was restored from a copy, or two devices share one identity. Its rows were carried into a new epoch; if another device runs with this identity, enrol that one anew",
    retryable: false,
  },
  JOURNAL_SALVAGED: {
    template:
      "On {at} the journal was found damaged ({reason}) and put aside as {file}: {rows} rows were carried into a new one, {lost} are declared lost; look at the device's disk or card, and keep the file until that is settled",
    retryable: false,
  },
  JOURNAL_GIVES_WAY: {
    template:
      "The journal is full: {lost} observations had to give way to newer ones; connect the device with the cloud, or give journal.maxBytes more",
    retryable: true,
  },
  JOURNAL_DAMAGED_ROWS: {
    template: "{rows} rows of the journal {file} are damaged and declared lost: look at the device's disk or card",
    retryable: false,
  },
  JOURNAL_IN_USE: {
    template: "The journal {file} is open in another process: stop that one first",
    retryable: false,
  },
  JOURNAL_NOT_WRITABLE: {
    template:
      "The journal {file} cannot be written ({reason}): this user must own its folder, and the disk must be mounted for writing",
    retryable: false,
  },
  JOURNAL_CORRUPT: {
    template:
      "The journal {file} is damaged ({reason}): start the agent again, which puts it aside and carries what is readable into a new one",
    retryable: false,
  },
  JOURNAL_FOREIGN: {
    template: "{file} is not a journal of this program: set data in the configuration to another folder",
    retryable: false,
  },
  JOURNAL_NEWER: {
    template: "The journal {file} has version {version}, this program knows {known}: install the newer program again",
    retryable: false,
  },
  JOURNAL_IO: { template: "The journal {file} failed: {reason}", status: 500, retryable: true },
});

/** What the file system says of what this user may not write. */
const FORBIDDEN = ["EACCES", "EPERM", "EROFS"];

/** What SQLite or the file system said, as an error that says what to do. Anything else is returned as it is. */
export function journalError(cause: unknown, file: string): unknown {
  // better-sqlite3 itself looks for the folder.
  if (cause instanceof TypeError && cause.message.includes("directory"))
    return E.JOURNAL_NOT_WRITABLE({ file, reason: "its folder does not exist" }, { cause });
  if (cause instanceof Error && "code" in cause && FORBIDDEN.includes(String(cause.code)))
    return E.JOURNAL_NOT_WRITABLE({ file, reason: cause.message }, { cause });
  const code = sqliteCode(cause);
  if (code === undefined) return cause;
  const at = { file, reason: cause instanceof Error ? cause.message : code };
  if (code === "SQLITE_FULL") return E.JOURNAL_DISK_FULL(at, { cause });
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) return E.JOURNAL_IN_USE(at, { cause });
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") return E.JOURNAL_CORRUPT(at, { cause });
  const forbidden = ["SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"];
  if (forbidden.some((start) => code.startsWith(start))) return E.JOURNAL_NOT_WRITABLE(at, { cause });
  return E.JOURNAL_IO(at, { cause });
}

/** What only a damaged file can say while it is opened: its schema, its format or its values are not what was written. */
const DAMAGED = [
  "SQLITE_ERROR",
  "SQLITE_SCHEMA",
  "SQLITE_CONSTRAINT",
  "SQLITE_MISMATCH",
  "SQLITE_FORMAT",
  "SQLITE_IOERR_SHORT_READ",
];

export function openingError(cause: unknown, file: string): unknown {
  const code = sqliteCode(cause);
  if (code === undefined || !DAMAGED.some((start) => code.startsWith(start))) return journalError(cause, file);
  return E.JOURNAL_CORRUPT({ file, reason: cause instanceof Error ? cause.message : code }, { cause });
}

/** SQLite's own name of the error: `SQLITE_FULL`. */
export function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}
