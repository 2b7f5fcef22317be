import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { Icon } from "../ui/icon.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useDecided } from "../ui/use-decided.js";

/** What could not be understood or handled, by reason, and trying it again; nothing where there is none. */
export function PutAside({ administrator }: { administrator: boolean }) {
  const { client } = useApp();
  const { data, said, error, decide } = useDecided("setbacks", (signal) => client.setbacks(signal));
  if (data === null || data.quarantine.length + data.parked.length === 0)
    return said === "" ? null : <p role="status">{said}</p>;
  const words = t.gateways;
  const retake = (agent: string) =>
    decide(async () => {
      const { taken, left } = await client.retake(agent);
      return words.retaken(taken, left);
    });
  const retry = (follower: string) =>
    decide(async () => {
      await client.retry(follower);
      return words.retryAsked;
    });
  return (
    <section class="card aside" aria-labelledby="aside-heading" data-testid="put-aside">
      <h2 id="aside-heading">
        <Icon name="warning" />
        {words.aside}
      </h2>
      <p class="small muted">{words.asideLead}</p>
      <ul class="aside-list">
        {data.quarantine.map(({ agent, error: why, count, first }) => (
          <li key={`${agent} ${why}`}>
            <Group who={agent} why={why} count={count} first={first} />
            {administrator && (
              <button
                type="button"
                class="button button-small"
                aria-label={words.retake(agent)}
                onClick={() => void retake(agent)}
              >
                {words.retakeShort}
              </button>
            )}
          </li>
        ))}
        {data.parked.map(({ follower, error: why, count, first, retry: asked }) => (
          <li key={`${follower} ${why}`}>
            <Group who={follower} why={why} count={count} first={first} />
            {asked && <span class="muted">{words.retryAsked}</span>}
            {administrator && !asked && (
              <button
                type="button"
                class="button button-small"
                aria-label={words.retry(follower)}
                onClick={() => void retry(follower)}
              >
                {words.retakeShort}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p class="small" role="status">
        {said}
      </p>
      <ProblemNote error={error} />
    </section>
  );
}

function Group({ who, why, count, first }: { who: string; why: string; count: number; first: string }) {
  return (
    <p class="aside-group">
      <strong>{t.gateways.asideOf(count, who)}</strong>{" "}
      <span class="muted">
        {t.gateways.asideSince} <Ago at={first} />
      </span>
      <span class="small aside-why">{why}</span>
    </p>
  );
}
