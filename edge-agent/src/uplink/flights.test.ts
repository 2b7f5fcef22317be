import { describe, expect, it } from "vitest";
import { type Flight, Flights } from "./flights.js";

const flight = (sentAt: number, kind: Flight["kind"], last = 0): Flight => ({
  kind,
  first: last,
  last,
  prev: "",
  rows: 1,
  bytes: 100,
  sentAt,
  hash: String(sentAt),
});

describe("what is on its way", () => {
  it("says when the only message was sent that an answer can be to", () => {
    const flights = new Flights();
    expect(flights.answerSentAt).toBeUndefined();
    flights.sent(flight(100, "hello"));
    expect(flights.answerSentAt).toBe(100);
    flights.sent(flight(200, "rows", 1));
    expect(flights.answerSentAt).toBeUndefined();
    flights.progress(1);
    flights.sent(flight(300, "empty", 1));
    expect(flights.answerSentAt).toBe(300);
  });

  it("takes an answer that is late for one to the first of the messages that were given up, until a newer row is answered", () => {
    const flights = new Flights();
    flights.sent(flight(100, "hello"));
    flights.goBack(true);
    flights.sent(flight(2_100, "hello"));
    flights.goBack(true);
    flights.sent(flight(4_100, "hello"));
    expect(flights.answerSentAt).toBe(100);
    flights.answer();
    flights.sent(flight(4_200, "rows", 5));
    flights.goBack(true);
    flights.sent(flight(6_300, "rows", 5));
    // This may still be the answer to the same rows as they were sent first.
    flights.progress(5);
    flights.sent(flight(6_400, "rows", 9));
    expect(flights.answerSentAt).toBe(100);
    flights.progress(9);
    flights.sent(flight(6_500, "rows", 12));
    expect(flights.answerSentAt).toBe(6_500);
  });

  it("expects nothing of an earlier connection", () => {
    const flights = new Flights();
    flights.sent(flight(100, "hello"));
    flights.goBack(true);
    flights.clear();
    flights.sent(flight(900, "hello"));
    expect(flights.answerSentAt).toBe(900);
  });
});
