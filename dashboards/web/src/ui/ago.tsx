import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { ago, duration, fullTime } from "../time/words.js";

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

/** How long ago something began: "12 min". */
export function For({ since }: { since: string }) {
  const { world } = useApp();
  return <span class="num">{duration(world.now.value.getTime() - Date.parse(since), t.time)}</span>;
}
