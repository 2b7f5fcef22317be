import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODE_PATTERN, partitionOf } from "./identity.js";
import { AGENT_TOPICS, CLOUD_TOPICS, parseTopic, topicFilter, topicOf } from "./topics.js";

const leaves = [...AGENT_TOPICS, ...CLOUD_TOPICS];

describe("topics", () => {
  it("name partition, agent and leaf", () => {
    // FNV-1a 32 of "foobar" is 0xbf9cf968, modulo 64 it is 40.
    expect(topicOf("foobar", "batch")).toBe("rfid/v1/40/foobar/batch");
    expect(topicFilter("batch")).toBe("rfid/v1/+/+/batch");
    expect(topicFilter("batch", 40)).toBe("rfid/v1/40/+/batch");
  });

  it("are read back for every agent and leaf", () => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(CODE_PATTERN)), fc.constantFrom(...leaves), (agent, leaf) => {
        expect(parseTopic(topicOf(agent, leaf))).toEqual({ agent, leaf });
      }),
    );
  });

  it("that are not ours are refused: partition of another, unknown leaf, more or fewer levels, names that are no codes", () => {
    const good = topicOf("edge-1", "batch");
    expect(parseTopic(good)).toBeDefined();
    const other = (partitionOf("edge-1") + 1) % 64;
    for (const topic of [
      "",
      "/",
      good.slice(1),
      `/${good}`,
      `${good}/`,
      `${good}/x`,
      good.replace("batch", "batches"),
      good.replace("v1", "v2"),
      good.replace("/edge-1", ""),
      `rfid/v1/${other}/edge-1/batch`,
      `rfid/v1/0${partitionOf("edge-1")}/edge-1/batch`,
      `rfid/v1/${partitionOf("")}//batch`,
      `rfid/v1/${partitionOf("+")}/+/batch`,
      `rfid/v1/${partitionOf("Edge")}/Edge/batch`,
      `rfid/v1/${partitionOf("a\nb")}/a\nb/batch`,
    ])
      expect([topic, parseTopic(topic)]).toEqual([topic, undefined]);
  });
});
