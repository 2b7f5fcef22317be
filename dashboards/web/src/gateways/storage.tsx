import type { GatewayList } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { ago } from "../time/words.js";
import { Icon } from "../ui/icon.js";
import { Meter } from "../ui/meter.js";

/** How much is kept, and how long. */
export function Storage({ storage: { bytes, maxBytes, days, oldest } }: { storage: GatewayList["storage"] }) {
  const { world } = useApp();
  const words = t.gateways;
  const max = maxBytes === null ? null : t.bytes(maxBytes);
  const use = max === null ? words.storageNoMax(t.bytes(bytes)) : words.storageUse(t.bytes(bytes), max);
  return (
    <section class="card storage" aria-labelledby="storage-heading" data-testid="storage">
      <h2 id="storage-heading">
        <Icon name="disk" />
        {words.storage}
      </h2>
      <p class="num storage-use">{use}</p>
      {maxBytes !== null && <Meter value={bytes} max={maxBytes} label={words.storageMeter} text={use} />}
      <p class="small muted">
        {words.storageKeeps(days, max)}
        {oldest !== null &&
          ` ${words.storageOldest(ago(new Date(oldest), world.now.value, world.style.value, t.time))}`}
      </p>
    </section>
  );
}
