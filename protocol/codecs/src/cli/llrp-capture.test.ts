import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Link, pcapngOf, pcapOf, type Sent } from "../../test/captures.js";
import { join, keepalive, report, run, start } from "../../test/run-llrp.js";
import { hexOf } from "../llrp/index.js";

/** A conversation in which messages are cut across segments. */
const conversation: readonly Sent[] = [
  { from: "client", at: 0, bytes: new Uint8Array(0), syn: true },
  { from: "reader", at: 0, bytes: new Uint8Array(0), syn: true },
  { from: "reader", at: 0, bytes: keepalive.subarray(0, 6) },
  { from: "client", at: 0, bytes: start },
  { from: "reader", at: 6, bytes: join(keepalive.subarray(6), report.subarray(0, 20)) },
  { from: "reader", at: 30, bytes: report.subarray(20) },
];

/** Sender and type of every message printed. */
function spoken(lines: readonly string[]): string[] {
  return lines.map((line) => JSON.parse(line)).map(({ capture, type }) => `${capture.sender} ${type}`);
}

const expected = ["client START_ROSPEC", "reader KEEPALIVE", "reader RO_ACCESS_REPORT"];

describe("storeward-llrp decode of a capture", () => {
  it("gives both directions in the order of time, and says when, from whom and to whom", async () => {
    const { lines, complaints, code } = await run(pcapOf(conversation), "decode", "x.pcap");
    expect([complaints, code]).toEqual(["", 0]);
    expect(spoken(lines)).toEqual(expected);
    expect(JSON.parse(lines[1]!).capture).toEqual({
      time: "2027-01-15T08:00:04.000001Z",
      sender: "reader",
      from: "10.0.0.2:5084",
      to: "10.0.0.1:40000",
    });
    // A line of a capture is encoded like any other.
    expect(hexOf((await run(lines[2]!, "encode", "-")).bytes)).toBe(hexOf(report));
  });

  const links: Link[] = ["ethernet", "vlan", "raw", "sll", "sll2", "loopback"];
  it.each(links)(
    "reads packets of link %s, with IPv4 and IPv6, of either byte order, in pcap and pcapng",
    async (link) => {
      for (const ip of [4, 6] as const) {
        for (const big of [false, true]) {
          const files = [
            pcapOf(conversation, { link, ip, big }),
            pcapOf(conversation, { link, ip, big, nanos: true }),
            pcapngOf(conversation, { link, ip, big }),
            pcapngOf(conversation, { link, ip, big, resolution: 9 }),
            pcapngOf(conversation, { link, ip, big, resolution: 0x94 }),
          ];
          for (const file of files) {
            const { lines, complaints } = await run(file, "decode", "x.pcap");
            expect(complaints).toBe("");
            expect(spoken(lines)).toEqual(expected);
            expect(JSON.parse(lines[0]!).capture.time).toMatch(/^2027-01-15T08:00:03\.00000[012]Z$/);
            if (ip === 6) expect(JSON.parse(lines[0]!).capture.from).toBe("[fe80::1]:40000");
          }
        }
      }
    },
  );

  it("puts segments in order that came out of order, twice, or over each other", async () => {
    const stream = join(keepalive, report, keepalive);
    const cut = fc.tuple(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), async (extra, size) => {
        const segments: Sent[] = [];
        for (let at = 0; at < stream.length; at += size) segments.push(segment(at, size));
        for (const [at, length] of extra) segments.splice(at % (segments.length + 1), 0, segment(at, length));
        const sent: Sent[] = [{ from: "reader", at: 0, bytes: new Uint8Array(0), syn: true }, ...segments];
        const { lines, complaints } = await run(pcapOf(sent), "decode", "x.pcap");
        expect(complaints).toBe("");
        expect(spoken(lines)).toEqual(["reader KEEPALIVE", "reader RO_ACCESS_REPORT", "reader KEEPALIVE"]);
      }),
    );
    function segment(at: number, length: number): Sent {
      return { from: "reader", at, bytes: stream.subarray(at, at + length) };
    }
  });

  it("goes on behind bytes that were not captured, and says how many", async () => {
    const stream = join(keepalive, report, start, keepalive);
    const sent: Sent[] = [
      { from: "reader", at: 0, bytes: new Uint8Array(0), syn: true },
      { from: "reader", at: 0, bytes: stream.subarray(0, 15) },
      { from: "reader", at: 25, bytes: stream.subarray(25) },
    ];
    const { lines, complaints, code } = await run(pcapOf(sent), "decode", "x.pcap");
    expect(spoken(lines)).toEqual(["reader KEEPALIVE", "reader START_ROSPEC", "reader KEEPALIVE"]);
    expect(complaints).toContain("10.0.0.2:5084 to 10.0.0.1:40000: 10 bytes before packet 3 were not captured");
    expect(code).toBe(1);
  });

  it("joins a connection in its midst", async () => {
    const sent: Sent[] = [{ from: "reader", at: 0, bytes: join(report.subarray(11), keepalive) }];
    const { lines, complaints } = await run(pcapOf(sent), "decode", "x.pcap");
    expect(spoken(lines)).toEqual(["reader KEEPALIVE"]);
    expect(complaints).toContain(`${report.length - 11} bytes belong to no whole message`);
  });

  it("tells two connections between the same ports apart", async () => {
    const again = conversation.map((one) => ({ ...one, at: one.at + 1000 }));
    const { lines, complaints } = await run(pcapOf([...conversation, ...again]), "decode", "x.pcap");
    expect(complaints).toBe("");
    expect(spoken(lines)).toEqual([...expected, ...expected]);
  });

  it("names the connections there are when none is to the reader's port, and takes --port", async () => {
    const file = pcapOf(conversation);
    const { complaints, code, lines } = await run(file, "decode", "x.pcap", "--port", "5085");
    expect([code, lines]).toEqual([1, []]);
    expect(complaints).toContain("no TCP data from or to port 5085; there is 10.0.0.1:40000 to 10.0.0.2:5084");
    const swapped = await run(file, "decode", "--port", "40000", "x.pcap");
    expect(spoken(swapped.lines)[0]).toBe("reader START_ROSPEC");
    expect((await run(pcapOf([]), "decode", "x.pcap")).complaints).toContain("it holds none at all");
  });

  it("says where a file is cut off, prints what is before, and throws at no damage", async () => {
    for (const file of [pcapOf(conversation), pcapngOf(conversation)]) {
      const cut = await run(file.subarray(0, file.length - 3), "decode", "x.pcap");
      expect(cut.code).toBe(1);
      expect(cut.complaints).toMatch(/the capture (ends inside a packet|is broken off)/);
      expect(spoken(cut.lines)).toContain("client START_ROSPEC");
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), async (edits) => {
          const bytes = file.slice();
          for (const [at, value] of edits) bytes[4 + (at % (bytes.length - 4))] = value;
          expect((await run(bytes, "decode", "x.pcap")).code).toBeLessThanOrEqual(1);
        }),
        { numRuns: 300 },
      );
    }
  });
});
