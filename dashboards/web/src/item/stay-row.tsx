import type { Stay } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { clockTime, duration, fullTime } from "../time/words.js";
import { Ago, Moment } from "../ui/ago.js";
import { Icon } from "../ui/icon.js";

/** An observation is on its way for a moment: only what took longer came late. */
const LATE_MS = 60_000;

export function StayRow({ stay }: { stay: Stay }) {
  const { world } = useApp();
  const { place, from, to, recordedAt, confidence, observations, corrections } = stay;
  const end = to === null ? world.now.value.getTime() : Date.parse(to);
  const late = Date.parse(recordedAt) - Date.parse(from);
  return (
    <li class={`stay ${to === null ? "stay-now" : ""} ${place === null ? "stay-nowhere" : ""}`}>
      <p class="stay-place">
        <strong>{place?.name ?? t.item.nowhere}</strong>
        <span class="num muted">{duration(end - Date.parse(from), t.time)}</span>
      </p>
      <p class="small muted">
        <Moment at={from} />
        {" – "}
        {to === null ? t.item.now : <Moment at={to} />}
        {place !== null && (
          <>
            {" · "}
            {t.sure(confidence)} <span class="num">{t.percent(confidence)}</span>
          </>
        )}
        {late > LATE_MS && ` · ${t.item.recordedLate(duration(late, t.time))}`}
      </p>
      <Corrections corrections={corrections} />
      {observations.length === 0 ? (
        <p class="small muted">{t.item.evidence(0)}</p>
      ) : (
        <details class="small evidence">
          <summary>
            {t.item.evidence(observations.length)}
            <Icon name="down" size={16} />
          </summary>
          <Observations observations={observations} />
        </details>
      )}
    </li>
  );
}

/** What had been said of it, and until when. */
function Corrections({ corrections }: { corrections: Stay["corrections"] }) {
  if (corrections.length === 0) return null;
  return (
    <details class="small evidence" data-testid="corrections">
      <summary>
        {t.item.corrected(corrections.length)}
        <Icon name="down" size={16} />
      </summary>
      <ul>
        {corrections.map(({ recordedAt, was }) => (
          <li key={recordedAt}>
            {t.item.saidBefore(was.place?.name ?? t.item.nowhere)}, <Moment at={was.from} />
            {" – "}
            {was.to === null ? t.item.now : <Moment at={was.to} />}, {t.item.untilThen} <Ago at={recordedAt} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Observations({ observations }: { observations: Stay["observations"] }) {
  const { world } = useApp();
  const style = world.style.value;
  const words = t.item.observation;
  return (
    <table class="table table-small table-stack">
      <thead>
        <tr>
          <th scope="col">{words.time}</th>
          <th scope="col">{words.type}</th>
          <th scope="col">{words.readPoint}</th>
          <th scope="col">{words.number}</th>
        </tr>
      </thead>
      <tbody>
        {observations.map(({ agent, epoch, seq, type, readPoint, observedAt }) => (
          <tr key={`${agent} ${epoch} ${seq}`}>
            <td class="num" data-label={words.time}>
              <time dateTime={observedAt} title={fullTime(new Date(observedAt), style)}>
                {clockTime(new Date(observedAt), style)}
              </time>
            </td>
            <td data-label={words.type}>{t.item.types[type] ?? type}</td>
            <td data-label={words.readPoint}>{readPoint ?? "–"}</td>
            <td class="code" data-label={words.number} title={t.item.epoch(epoch)}>
              {agent}/{epoch.slice(0, 6)}/{seq}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
