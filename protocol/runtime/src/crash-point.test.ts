import { describe, expect, it } from "vitest";
import { crashPoint, readCrashAt } from "./crash-point.js";

describe("a crash point", () => {
  it("does nothing where the environment does not ask for it", () => {
    expect(readCrashAt(undefined)).toBeUndefined();
    expect(readCrashAt("")).toBeUndefined();
    expect(crashPoint("after-commit")).toBeUndefined();
  });

  it("is asked for by its label and how often it may be passed", () => {
    expect(readCrashAt("while-trimming:3")).toEqual({ label: "while-trimming", count: 3 });
  });

  it.each(["after-comit:1", "after-commit", "after-commit:0", "after-commit:x"])("refuses %s", (value) => {
    expect(() => readCrashAt(value)).toThrow(expect.objectContaining({ code: "CRASH_POINT_UNKNOWN" }));
  });
});
