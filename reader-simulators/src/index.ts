/** Simulated readers for the tests of other workspaces: real servers over a scripted or simulated field of tags. */
export { freePort } from "./demo/ports.js";
export { AlienReader, type AlienReaderOptions } from "./devices/alien/alien-reader.js";
export type { AntennaPort, DeviceTime } from "./devices/antenna-port.js";
export { ImpinjIotReader, type ImpinjIotReaderOptions } from "./devices/impinj-iot/impinj-iot-reader.js";
export type { LlrpFlavour } from "./devices/llrp/flavour.js";
export { LlrpReader, type LlrpReaderOptions } from "./devices/llrp/llrp-reader.js";
export { MetratecReader, type MetratecReaderOptions } from "./devices/metratec/metratec-reader.js";
export type { SerialReaderOptions } from "./devices/serial/serial-reader.js";
export { TslReader, type TslReaderOptions } from "./devices/tsl/tsl-reader.js";
export { ZebraIotReader, type ZebraIotReaderOptions } from "./devices/zebra-iot/zebra-iot-reader.js";
export { ChaosProxy, type ChaosProxyOptions } from "./faults/chaos-proxy.js";
export { WrongClock } from "./faults/wrong-clock.js";
export type { Reading } from "./radio/field.js";
export { Random } from "./random.js";
export { type AntennaTurn, SimulatedTime, type SimulatedTimeOptions } from "./simulated-time.js";
