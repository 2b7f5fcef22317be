import { journalContract } from "./journal.contract.js";
import { MemoryJournal, memoryDisk } from "./memory-journal.js";

journalContract("in memory, for models", () => {
  const disk = memoryDisk();
  return { open: (clock, small) => new MemoryJournal(disk, clock, 7, small ? 500_000 : undefined) };
});
