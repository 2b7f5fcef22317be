import { type DataFolderLock, lockDataFolder, type Part } from "@storeward/runtime";
import { LOCK } from "./commands.js";

/** One service for one data folder. */
export class FolderLock implements Part {
  readonly name = "data folder";
  readonly #dir: string;
  #lock: DataFolderLock | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async start(): Promise<void> {
    this.#lock = await lockDataFolder(this.#dir, LOCK);
  }

  async stop(): Promise<void> {
    await this.#lock?.release();
  }
}
