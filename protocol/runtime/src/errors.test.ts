import { describe, expect, it } from "vitest";
import { defineErrors, describeError, isStorewardError, StorewardError } from "./errors.js";

const E = defineErrors({
  PORT_TAKEN: { template: "Port {port} is in use: {hint}", status: 503, retryable: true },
  EMPTY: { template: "Nothing is there" },
});

describe("a catalogue of errors", () => {
  it("fills the template, keeps code, status, parameters and the cause", () => {
    const cause = new Error("listen EADDRINUSE");
    const error = E.PORT_TAKEN({ port: 8080, hint: "stop it", pid: 7 }, { cause });
    expect(error).toBeInstanceOf(StorewardError);
    expect(error).toMatchObject({ code: "PORT_TAKEN", status: 503, retryable: true, params: { port: 8080, pid: 7 } });
    expect(error.message).toBe("Port 8080 is in use: stop it");
    expect(error.cause).toBe(cause);
    expect(error.stack?.split("\n")[1]).toContain("errors.test.ts");
  });

  it("makes the compiler ask for every parameter of the template", () => {
    // @ts-expect-error hint is missing
    E.PORT_TAKEN({ port: 1 });
    // @ts-expect-error an object has no place in a sentence
    E.PORT_TAKEN({ port: 1, hint: {} });
    expect(E.EMPTY()).toMatchObject({ code: "EMPTY", status: 500, retryable: false });
  });

  it("does not fill braces that come from a parameter", () => {
    expect(E.PORT_TAKEN({ port: "{hint}", hint: "x" }).message).toBe("Port {hint} is in use: x");
  });

  it("is told from other errors, by code when wanted", () => {
    expect(isStorewardError(E.EMPTY())).toBe(true);
    expect(isStorewardError(E.EMPTY(), "PORT_TAKEN")).toBe(false);
    expect(isStorewardError(new Error("no"))).toBe(false);
    expect(isStorewardError(undefined)).toBe(false);
  });
});

describe("describeError", () => {
  it("gives one line with code, message and the chain of causes", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED ::1:1883"), { code: "ECONNREFUSED" });
    const other = Object.assign(new Error("no route"), { code: "EHOSTUNREACH" });
    const error = E.PORT_TAKEN({ port: 1, hint: "two\nlines" }, { cause: new AggregateError([refused, other], "") });
    expect(describeError(error)).toBe(
      "PORT_TAKEN: Port 1 is in use: two · lines, because AggregateError [connect ECONNREFUSED ::1:1883 | EHOSTUNREACH: no route]",
    );
  });

  it("ends on a cause that points back, and on what is not an error", () => {
    const a = new Error("a");
    const b = new TypeError("b", { cause: a });
    a.cause = b;
    expect(describeError(a)).toBe("a, because TypeError: b, because …");
    expect(describeError("text")).toBe("text");
    expect(describeError(new Error("a\r\nb\0c"))).toBe("a · b\uFFFDc");
    expect(describeError({ odd: 1 })).toBe('{"odd":1}');
    expect(describeError(undefined)).toBe("undefined");
    expect(describeError(10n)).toBe("10");
  });
});
