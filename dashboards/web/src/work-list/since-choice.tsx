import { useId } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { ago } from "../time/words.js";

export type Since = "now" | "first";

/** From when the binding holds: a tag put on this morning has already been seen this morning. */
export function SinceChoice({
  value,
  onChange,
  firstSeenAt,
}: {
  value: Since;
  onChange: (since: Since) => void;
  firstSeenAt: string;
}) {
  const { world } = useApp();
  const name = useId();
  const first = ago(new Date(firstSeenAt), world.now.value, world.style.value, t.time);
  return (
    <fieldset class="choices">
      <legend>{t.act.from}</legend>
      {(["now", "first"] as const).map((since) => (
        <label key={since} class="choice">
          <input type="radio" name={name} checked={value === since} onChange={() => onChange(since)} />
          <span>{since === "now" ? t.act.fromNow : t.act.fromFirst(first)}</span>
        </label>
      ))}
    </fieldset>
  );
}
