import type { Telemetry } from "@storeward/contracts";
import { t } from "../messages/index.js";
import { duration } from "../time/words.js";
import { Ago } from "../ui/ago.js";
import { Icon } from "../ui/icon.js";
import { Meter } from "../ui/meter.js";

/** Journal, connection and machine of a gateway: for whoever looks after it, folded away. */
export function DeviceFacts({ telemetry }: { telemetry: Telemetry }) {
  const { journal, uplink, host, filtered, at } = telemetry;
  const words = t.gateways;
  const use = words.journalUse(t.bytes(journal.bytes), t.bytes(journal.maxBytes));
  return (
    <details class="device">
      <summary class="small">
        {words.journal}, {words.uplink}, {words.host}
        <Icon name="down" size={16} />
      </summary>
      <dl class="facts device-facts small">
        <div>
          <dt>{words.journal}</dt>
          <dd class="num">
            {use}
            <Meter value={journal.bytes} max={journal.maxBytes} label={words.journal} text={use} />
            <span class="muted">{words.journalRows(t.number(journal.oldest), t.number(journal.head))}</span>
            {journal.full && <p class="text-bad">{words.journalFull}</p>}
            {journal.refused > 0 && <p class="text-bad">{words.refused(journal.refused)}</p>}
          </dd>
        </div>
        <div>
          <dt>{words.uplink}</dt>
          <dd class="num">
            {[
              words.outstanding(t.bytes(uplink.outstandingBytes)),
              words.resends(uplink.resends),
              words.reconnects(uplink.reconnects),
            ].join(" · ")}
          </dd>
        </div>
        <div>
          <dt>{words.host}</dt>
          <dd class="num">
            {[
              words.uptime(duration(host.uptimeSeconds * 1000, t.time)),
              words.memory(t.bytes(host.rssBytes)),
              ...(host.freeDiskBytes === undefined ? [] : [words.disk(t.bytes(host.freeDiskBytes))]),
            ].join(" · ")}
          </dd>
        </div>
        <div>
          <dt>{words.filtered}</dt>
          <dd class="num">{words.filteredCounts(filtered.foreign, filtered.persons)}</dd>
        </div>
      </dl>
      <p class="small muted">
        <Ago at={at.wall} />
      </p>
    </details>
  );
}
