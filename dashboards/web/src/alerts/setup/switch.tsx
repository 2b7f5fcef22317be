import { t } from "../../messages/index.js";

/** Switches one of a list on and off. */
export function Switch({ name, on, onSwitch }: { name: string; on: boolean; onSwitch: (on: boolean) => void }) {
  return (
    <label class="alert-switch">
      <input type="checkbox" checked={on} onChange={(event) => onSwitch(event.currentTarget.checked)} />
      <span>
        {t.alerts.on}
        <span class="unseen">: {name}</span>
      </span>
    </label>
  );
}
