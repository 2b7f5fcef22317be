import type { EvidenceStep, ItemDetail, ItemEvidence } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { duration, fullTime, moment } from "../time/words.js";
import { Icon } from "../ui/icon.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";

/** Every observation behind where it is, and what each did to the belief: asked for when it is opened, and again when it moves. */
export function Evidence({ item: { id, since, seenAt } }: { item: ItemDetail }) {
  const { client } = useApp();
  const [open, setOpen] = useState(false);
  const found = useResource(open ? `${id} ${since} ${seenAt}` : null, (signal) => client.evidence(id, signal), {
    keep: open,
  });
  return (
    <details class="small evidence" data-testid="evidence" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t.item.evidenceShow}
        <Icon name="down" size={16} />
      </summary>
      <ProblemNote error={found.error} retry={found.reload} />
      {found.data === null && found.loading && <p class="muted">{t.loading}</p>}
      {found.data !== null && <Weights evidence={found.data} />}
    </details>
  );
}

function Weights({ evidence }: { evidence: ItemEvidence }) {
  const { place, p, confidence, blindSeconds, evidence: steps, more } = evidence;
  if (steps.length === 0) return <p class="muted">{t.item.evidenceNone}</p>;
  const left = t.percent(confidence ?? p);
  const words = t.item.weight;
  return (
    <>
      <p>
        {blindSeconds >= 1 ? t.item.blindSince(duration(blindSeconds * 1000, t.time), left) : t.item.watchedSince(left)}
      </p>
      <div class="table-scroll">
        <table class="table table-small table-stack">
          <caption class="unseen">{t.item.evidenceOf(place?.name ?? t.item.nowhere)}</caption>
          <thead>
            <tr>
              <th scope="col">{t.item.observation.time}</th>
              <th scope="col">{words.says}</th>
              <th scope="col">{words.read}</th>
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
              <th scope="col">{words.recorded}</th>
              <th scope="col">{t.item.observation.number}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <Step key={`${step.at} ${step.agent} ${step.epoch} ${step.seq}`} step={step} />
            ))}
          </tbody>
        </table>
      </div>
      {more && <p class="muted">{t.item.evidenceMore}</p>}
    </>
  );
}

function Step({ step }: { step: EvidenceStep }) {
  const { agent, epoch, seq, at, recordedAt, readPoint, says, direction, before, after } = step;
  const words = t.item.weight;
  return (
    <tr>
      <td class="num" data-label={t.item.observation.time}>
        <Time at={at} />
      </td>
      <td data-label={words.says}>
        {t.item.says[says]}
        {direction !== undefined && ` ${t.item.directions[direction]}`} ({readPoint ?? "–"})
      </td>
      <td class="num" data-label={words.read}>
        {readWords(step)}
      </td>
      <td class="num" data-label={words.before}>
        {t.percent(before)}
      </td>
      <td class="num" data-label={words.after}>
        {t.percent(after)}
      </td>
      <td class="num" data-label={words.recorded}>
        {recordedAt === null ? "–" : <Time at={recordedAt} />}
      </td>
      <td class="code" data-label={t.item.observation.number} title={t.item.epoch(epoch)}>
        {agent}/{epoch.slice(0, 6)}/{seq}
      </td>
    </tr>
  );
}

function Time({ at }: { at: string }) {
  const { world } = useApp();
  const style = world.style.value;
  const time = new Date(at);
  return (
    <time dateTime={at} title={fullTime(time, style)}>
      {moment(time, world.now.value, style, t.time)}
    </time>
  );
}

/** "12 of 18 rounds, −52 dBm"; of a passage how sure the door was, of an inventory how much it finds. */
function readWords({ reads, rounds, rssi, p, completeness }: EvidenceStep): string {
  const parts = [
    reads === undefined || rounds === undefined ? null : t.item.readOf(reads, rounds),
    rssi === undefined || rssi === null ? null : t.item.rssi(rssi),
    p === undefined ? null : t.item.doorSure(t.percent(p)),
    completeness === undefined ? null : t.item.completeness(t.percent(completeness)),
  ].filter((part) => part !== null);
  return parts.length === 0 ? "–" : parts.join(", ");
}
