/**
 * A third party's LLRP client (llrpjs from npm) as its README shows it: connects to the port given, provisions an ROSpec, waits for
 * reports, says goodbye, and prints what it saw as one line of JSON. In a process of its own, for it blocks where it is confused.
 * Keepalives stay off: it hangs on them.
 */
import { createRequire } from "node:module";

const { LLRPClient, LLRPCore } = createRequire(import.meta.url)("llrpjs");
const [port, reports] = process.argv.slice(2).map(Number);
const ROSpecID = 7;

const reader = new LLRPClient({ host: "127.0.0.1", port });
const tags = [];
let enough = () => undefined;
const seen = new Promise((resolve) => {
  enough = resolve;
});
reader.on("RO_ACCESS_REPORT", (message) => {
  for (const tag of [message.getTagReportData()].flat())
    tags.push({
      epc: tag.getEPCParameter().getEPC(),
      antenna: tag.getAntennaID()?.getAntennaID(),
      rssi: tag.getPeakRSSI()?.getPeakRSSI(),
    });
  if (tags.length >= reports) enough();
});
reader.on("error", (error) => {
  throw error;
});

const answered = [];
async function ask(message) {
  const answer = await reader.transact(message);
  answered.push(`${answer.getName()} ${answer.getLLRPStatus().getStatusCode()}`);
  return answer;
}

await reader.connect();
const greeting = await reader.recv(5000);
const status = greeting.getReaderEventNotificationData().getConnectionAttemptEvent()?.getStatus();
await ask(new LLRPCore.DELETE_ROSPEC({ data: { ROSpecID: 0 } }));
await ask(new LLRPCore.SET_READER_CONFIG({ data: { ResetToFactoryDefault: true } }));
const capabilities = await ask(new LLRPCore.GET_READER_CAPABILITIES({ data: { RequestedData: "All" } }));
const antennas = capabilities.getGeneralDeviceCapabilities().getMaxNumberOfAntennaSupported();
await ask(
  new LLRPCore.ADD_ROSPEC({
    data: {
      ROSpec: {
        ROSpecID,
        Priority: 0,
        CurrentState: "Disabled",
        ROBoundarySpec: {
          ROSpecStartTrigger: { ROSpecStartTriggerType: "Null" },
          ROSpecStopTrigger: { ROSpecStopTriggerType: "Null", DurationTriggerValue: 0 },
        },
        AISpec: {
          AntennaIDs: [0],
          AISpecStopTrigger: { AISpecStopTriggerType: "Null", DurationTrigger: 0 },
          InventoryParameterSpec: { InventoryParameterSpecID: 1, ProtocolID: "EPCGlobalClass1Gen2" },
        },
        ROReportSpec: {
          ROReportTrigger: "Upon_N_Tags_Or_End_Of_AISpec",
          N: 1,
          TagReportContentSelector: {
            EnableROSpecID: false,
            EnableSpecIndex: false,
            EnableInventoryParameterSpecID: false,
            EnableAntennaID: true,
            EnableChannelIndex: false,
            EnablePeakRSSI: true,
            EnableFirstSeenTimestamp: true,
            EnableLastSeenTimestamp: true,
            EnableTagSeenCount: false,
            EnableAccessSpecID: false,
          },
        },
      },
    },
  }),
);
await ask(new LLRPCore.ENABLE_ROSPEC({ data: { ROSpecID } }));
await ask(new LLRPCore.START_ROSPEC({ data: { ROSpecID } }));
await seen;
await ask(new LLRPCore.STOP_ROSPEC({ data: { ROSpecID } }));
await ask(new LLRPCore.CLOSE_CONNECTION());
console.log(JSON.stringify({ status, antennas, answered, tags }));
process.exit(0);
