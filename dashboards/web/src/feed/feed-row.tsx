import { itemHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { Icon, type IconName } from "../ui/icon.js";
import type { FeedEntry } from "./feed.js";
import { groupByKind, type KindGroup } from "./group.js";

/** One pass or arrival: what, which way, from where to where, when. */
export function FeedRow({ entry }: { entry: FeedEntry }) {
  const groups = groupByKind(entry.items);
  const unknownTags = entry.type === "passage" ? entry.unknownTags : 0;
  return (
    <li class="feed-row" data-testid={entry.type}>
      <span class={`feed-sign feed-sign-${signOf(entry)}`}>
        <Icon name={ICONS[signOf(entry)]} size={16} />
      </span>
      <div class="feed-text">
        <p class="feed-what">
          {groups.map((group, i) => (
            <span key={group.kind}>
              {i > 0 && ", "}
              <Group group={group} />
            </span>
          ))}
          {unknownTags > 0 && (
            <a href="/work-list" class="tap feed-unknown">
              {groups.length > 0 && " + "}
              {t.feed.unknownTags(unknownTags)}
            </a>
          )}
          {groups.length === 0 && unknownTags === 0 && <span class="muted">{t.feed.nothingNamed}</span>}
        </p>
        <p class="small feed-way">
          <Way entry={entry} />
          <span class="feed-when">
            <Ago at={entry.at} />
          </span>
        </p>
        {entry.items.length > 1 && <Names entry={entry} />}
      </div>
    </li>
  );
}

type Sign = "in" | "out" | "unknown" | "arrival";
const ICONS = { in: "into", out: "out", unknown: "question", arrival: "pin" } as const satisfies Record<Sign, IconName>;
const signOf = (entry: FeedEntry): Sign =>
  entry.type === "passage" ? entry.direction : entry.state === "left" ? "out" : "arrival";

/** One thing by its name, several by their number and kind. */
function Group({ group: { kind, items } }: { group: KindGroup }) {
  const [first] = items;
  if (items.length === 1 && first !== undefined)
    return (
      <a class="tap" href={itemHref(first.id)}>
        {first.name}
      </a>
    );
  return <strong>{t.feed.group(items.length, kind)}</strong>;
}

function Names({ entry }: { entry: FeedEntry }) {
  return (
    <details class="feed-names small">
      <summary>{t.things(entry.items.length)}</summary>
      <ul>
        {entry.items.map(({ id, name }) => (
          <li key={id}>
            <a href={itemHref(id)}>{name}</a>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Which way, in words: "In: Corridor → Storeroom A". */
function Way({ entry }: { entry: FeedEntry }) {
  const words = t.feed;
  if (entry.type === "arrival")
    return (
      <span>
        <b>{entry.state === "left" ? words.left : entry.from === null ? words.found : words.arrived}</b>{" "}
        {entry.from === null
          ? words.foundAt(entry.to.name)
          : entry.state === "left"
            ? words.leftInto(entry.to.name, entry.from.name)
            : words.arrivedFrom(entry.to.name, entry.from.name)}
      </span>
    );
  const { direction, from, to, readPoint } = entry;
  if (direction === "unknown")
    return (
      <span>
        <b>{words.unknownDirection}</b>{" "}
        {from !== null && to !== null ? words.between(from.name, to.name) : words.atDoor(readPoint)}
      </span>
    );
  const ends = [from?.name ?? words.somewhere, to?.name ?? words.somewhere] as const;
  return (
    <span>
      <b>{words[direction]}</b> <span aria-hidden="true">{words.went(...ends)}</span>
      <span class="unseen">{words.wentWords(...ends)}</span>
    </span>
  );
}
