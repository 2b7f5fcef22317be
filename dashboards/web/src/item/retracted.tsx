import type { RetractedStay } from "@storeward/contracts";
import { t } from "../messages/index.js";
import { Ago, Moment } from "../ui/ago.js";
import { Icon } from "../ui/icon.js";

/** Stays that were told and never were. */
export function Retracted({ stays }: { stays: readonly RetractedStay[] }) {
  if (stays.length === 0) return null;
  return (
    <details class="small evidence" data-testid="retracted">
      <summary>
        {t.item.retracted} ({t.number(stays.length)})
        <Icon name="down" size={16} />
      </summary>
      <ul>
        {stays.map(({ place, from, to, toldAt, retractedAt }) => (
          <li key={`${from} ${place?.id}`}>
            <s>
              {place?.name ?? t.item.nowhere}, <Moment at={from} />
              {" – "}
              {to === null ? t.item.now : <Moment at={to} />}
            </s>
            {" · "}
            {t.item.retractedWhat} <Ago at={toldAt} />, {t.item.takenBack} <Ago at={retractedAt} />
          </li>
        ))}
      </ul>
    </details>
  );
}
