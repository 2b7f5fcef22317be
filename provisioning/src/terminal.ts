/** What a command writes to; lines without their end. */
export interface Terminal {
  /** Results, on stdout. */
  out(line: string): void;
  /** Problems, on stderr. */
  err(line: string): void;
  /** How far it is, on stderr; each replaces the one before where a person looks on. */
  progress(line: string): void;
}

export function systemTerminal(): Terminal {
  let open = false;
  const fresh = () => {
    if (open) process.stderr.write("\n");
    open = false;
  };
  return {
    out: (line) => {
      fresh();
      process.stdout.write(`${line}\n`);
    },
    err: (line) => {
      fresh();
      process.stderr.write(`${line}\n`);
    },
    progress: (line) => {
      if (!process.stderr.isTTY) return;
      open = true;
      process.stderr.write(`\r\u001b[K${line}`);
    },
  };
}
