import type { AntennaPort, Reading } from "@storeward/reader-simulators";

/** A shelf where things come and go all the time: at any moment some of many tags are read by each antenna, without physics. */
export class Crowd implements AntennaPort {
  readonly antennas = [1, 2];
  readonly region = "ETSI";

  turnMs(): number {
    return 50;
  }

  connected(): boolean {
    return true;
  }

  read(antenna: number, _power: number, from: number, to: number): Reading[] {
    const group = Math.floor(from / 1_500);
    return Array.from({ length: 20 }, (_, i) => ({
      epc: `3034${String(group % 40).padStart(4, "0")}${String(antenna).padStart(4, "0")}${String(i).padStart(12, "0")}`,
      rssi: -50 - (i % 7),
      at: from + ((to - from) * i) / 20,
      channel: 1,
      phase: 0,
    }));
  }
}
