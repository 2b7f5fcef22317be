import { isoMs, ManualClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { CloudClock } from "./cloud-clock.js";

/** A device whose mono starts at 100 while UTC is 2026-01-01: as its wall clock believes too. */
function device() {
  const clock = new ManualClock({ mono: 100, wall: Date.UTC(2026, 0, 1) });
  const learning = new CloudClock(clock);
  /** An answer that took so long, from a cloud whose clock is ahead by so much. */
  const answer = async (roundTrip: number, ahead: number) => {
    const sentAt = clock.mono();
    await clock.advance(roundTrip / 2);
    const utc = isoMs(clock.wall() + ahead);
    await clock.advance(roundTrip / 2);
    return learning.learn({ sentAt, receivedAt: clock.mono(), utc });
  };
  return { clock, learning, answer };
}

describe("the clock learnt from the cloud", () => {
  it("is journaled when it is first learnt: UTC at this very moment, and how wrong it may be", async () => {
    const { clock, answer } = device();
    const row = await answer(80, 5_000);
    expect(row).toEqual({ type: "clock", utc: isoMs(clock.wall() + 5_000), plusMinusMs: 41, source: "cloud" });
  });

  it("is journaled again only when it drifted by more than 250 ms, or is known much better", async () => {
    const { answer } = device();
    await answer(1_000, 0);
    expect(await answer(900, 0)).toBeUndefined();
    expect(await answer(40, 0)).toMatchObject({ plusMinusMs: 21 });
    expect(await answer(40, 200)).toBeUndefined();
    expect(await answer(40, 300)).toMatchObject({ plusMinusMs: 21 });
    expect(await answer(40, 300)).toBeUndefined();
    expect(await answer(5_000, 9_000)).toBeUndefined();
  });

  it("is told once when the wall clock steps, with UTC and not with the wall", async () => {
    const { clock, learning, answer } = device();
    clock.stepWall(-3_600_000);
    expect(learning.check()).toBeUndefined();
    await answer(20, 3_600_000);
    expect(learning.check()).toBeUndefined();
    clock.stepWall(3_600_000);
    expect(learning.check()).toMatchObject({ type: "clock", utc: isoMs(clock.wall()), source: "cloud" });
    expect(learning.check()).toBeUndefined();
    clock.stepWall(100);
    expect(learning.check()).toBeUndefined();
  });
});
