import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { usePause } from "../ui/use-pause.js";
import { FEED_LIMIT, type FeedEntry } from "./feed.js";
import { FeedRow } from "./feed-row.js";
import "./feed.css";

const FIRST = 20;

/** Passages and arrivals as they happen. It stands still while it is read. */
export function Feed() {
  const { world } = useApp();
  const feed = world.feed.value;
  const { paused, handlers } = usePause();
  const [most, setMost] = useState(FIRST);
  const still = useRef<readonly FeedEntry[]>(feed);
  if (!paused) still.current = feed;
  const shown = still.current;
  const waiting = feed.filter(({ key }) => !shown.some((entry) => entry.key === key)).length;
  return (
    <section class="card feed" aria-labelledby="feed-heading" {...handlers}>
      <header class="feed-head">
        <h2 id="feed-heading">{t.feed.title}</h2>
        <p class={`small feed-paused ${paused && shown.length > 0 ? "" : "feed-running"}`} title={t.feed.pausedHint}>
          {t.feed.paused(waiting)}
        </p>
      </header>
      <Spoken feed={feed} />
      {shown.length === 0 ? (
        <p class="muted">{t.feed.empty}</p>
      ) : (
        <ol class="feed-list" data-testid="feed">
          {shown.slice(0, most).map((entry) => (
            <FeedRow key={entry.key} entry={entry} />
          ))}
        </ol>
      )}
      {shown.length > most && (
        <button type="button" class="button button-wide" onClick={() => setMost(FEED_LIMIT)}>
          {t.more}
        </button>
      )}
    </section>
  );
}

const SPEAK_EACH_MS = 30_000;

/** Says twice a minute at most how much is new: who listens is not read every door. */
function Spoken({ feed }: { feed: readonly FeedEntry[] }) {
  const [text, say] = useState("");
  const known = useRef(feed);
  const latest = useRef(feed);
  latest.current = feed;
  useEffect(() => {
    const timer = setInterval(() => {
      const news = latest.current.filter(({ key }) => !known.current.some((entry) => entry.key === key)).length;
      known.current = latest.current;
      say(news === 0 ? "" : t.feed.news(news));
    }, SPEAK_EACH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="unseen" role="status">
      {text}
    </p>
  );
}
