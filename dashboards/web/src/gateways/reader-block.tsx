import type { ReaderTelemetry, Telemetry } from "@storeward/contracts";
import { useId } from "preact/hooks";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { CoverageBadge, ReaderBadge } from "../ui/badge.js";
import { wallTime } from "./advice.js";

/** One reader with its antennas. Not `heard`: what it said of its state last is not what is so now. */
export function ReaderBlock({ reader, at, heard }: { reader: ReaderTelemetry; at: Telemetry["at"]; heard: boolean }) {
  const heading = useId();
  const words = t.gateways;
  const counted = Object.entries(reader.counters).filter(([, count]) => count > 0);
  return (
    <section
      class="reader"
      aria-labelledby={heading}
      data-testid="reader"
      data-reader={reader.reader}
      data-state={heard ? reader.state : "unheard"}
    >
      <header class="reader-head">
        <h3 id={heading}>{reader.reader}</h3>
        {heard ? (
          <>
            <ReaderBadge state={reader.state} />
            <span class="small muted">
              <Ago at={wallTime(reader.since, at)} />
            </span>
          </>
        ) : (
          <CoverageBadge state="unheard" />
        )}
      </header>
      <p class="small muted">
        {[reader.model, reader.firmware, reader.driver].filter((part) => part !== undefined).join(" · ")}
      </p>
      {reader.error !== undefined && <p class="small text-bad">{reader.error}</p>}
      <table class="table table-small table-stack" title={words.readsHint}>
        <caption class="unseen">{words.antennas}</caption>
        <thead>
          <tr>
            <th scope="col">{words.antenna}</th>
            <th scope="col">{words.readPoint}</th>
            <th scope="col">{words.stateColumn}</th>
            <th scope="col" class="right">
              {words.reads}
            </th>
            <th scope="col" class="right">
              {words.tags}
            </th>
            <th scope="col" class="right">
              {words.power}
            </th>
            <th scope="col">{words.lastRead}</th>
          </tr>
        </thead>
        <tbody>
          {reader.antennas.map((antenna) => (
            <tr key={antenna.antenna}>
              <td class="num" data-label={words.antenna}>
                {antenna.antenna}
              </td>
              <td data-label={words.readPoint}>{antenna.readPoint}</td>
              <td data-label={words.stateColumn}>
                <CoverageBadge state={heard ? antenna.state : "unheard"} />
                {antenna.error !== undefined && <span class="small text-bad antenna-error">{antenna.error}</span>}
              </td>
              <td class="num right" data-label={words.reads}>
                {t.number(antenna.reads)}
              </td>
              <td class="num right" data-label={words.tags}>
                {t.number(antenna.tags)}
              </td>
              <td class="num right" data-label={words.power}>
                {antenna.power === undefined ? "–" : words.dbm(antenna.power)}
              </td>
              <td data-label={words.lastRead}>
                {antenna.lastRead === undefined ? words.never : <Ago at={wallTime(antenna.lastRead, at)} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {counted.length > 0 && (
        <p class="small muted">
          {words.counters}
          {": "}
          {counted.map(([name, count]) => `${words.counterNames[name] ?? name} ${t.number(count)}`).join(", ")}
        </p>
      )}
    </section>
  );
}
