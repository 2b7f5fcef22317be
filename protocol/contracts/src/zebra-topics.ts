import type { ZebraIotReader } from "./site.js";

/** Where a Zebra reader and its agent talk. */
export interface ZebraTopics {
  readonly data: string;
  readonly events: string;
  readonly managementCommand: string;
  readonly managementResponse: string;
  readonly controlCommand: string;
  readonly controlResponse: string;
}

/**
 * `<tenant>/<base>/<serial>`, as Zebra's own documentation lays them out (techdocs.zebra.com, RFD40/RFD90 MQTT API, "Topics and
 * Channels"). Sleds are built this way; on fixed readers each topic is typed into an endpoint, so that one layout for all is a choice.
 */
export function zebraTopics({
  tenant = "storeward",
  serial,
  topics,
}: Pick<ZebraIotReader, "tenant" | "serial" | "topics">): ZebraTopics {
  const topic = (base: string) => `${tenant}/${base}/${serial}`;
  return {
    data: topics?.data ?? topic("DATA/clients/data1event"),
    events: topics?.events ?? topic("MGMT/clients/event"),
    managementCommand: topics?.managementCommand ?? topic("MGMT/clients/cmnd"),
    managementResponse: topics?.managementResponse ?? topic("MGMT/clients/resp"),
    controlCommand: topics?.controlCommand ?? topic("CTRL/clients/cmnd"),
    controlResponse: topics?.controlResponse ?? topic("CTRL/clients/resp"),
  };
}
