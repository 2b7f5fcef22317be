import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { ago, duration, fullTime, moment } from "../time/words.js";

/** A time as people say it, with the exact one as a hint. */
export function Ago({ at }: { at: string }) {
  const { world } = useApp();
  const style = world.style.value;
  const time = new Date(at);
  return (
    <time dateTime={at} title={fullTime(time, style)}>
      {ago(time, world.now.value, style, t.time)}
    </time>
  );
}

/** One end of a stay: to the second today, with its day before. */
export function Moment({ at }: { at: string }) {
  const { world } = useApp();
  const style = world.style.value;
  const time = new Date(at);
  return (
    <time class="num" dateTime={at} title={fullTime(time, style)}>
      {moment(time, world.now.value, style, t.time)}
    </time>
  );
}

/** How long ago something began: "12 min". */
export function For({ since }: { since: string }) {
  const { world } = useApp();
  return <span class="num">{duration(world.now.value.getTime() - Date.parse(since), t.time)}</span>;
}
