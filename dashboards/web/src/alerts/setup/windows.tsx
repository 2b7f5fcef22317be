import type { AlertSetup, AlertWindow } from "@storeward/contracts";
import { useApp } from "../../app/app.js";
import { t } from "../../messages/index.js";
import { moment } from "../../time/words.js";
import { ProblemNote } from "../../ui/problem-note.js";
import { Switch } from "./switch.js";
import { useChange } from "./use-change.js";
import { useEditing } from "./use-editing.js";
import { WindowDialog } from "./window-dialog.js";

/** When nobody is told, or nothing is opened. */
export function Windows({ setup, onDone }: { setup: AlertSetup; onDone: () => void }) {
  const { client, world } = useApp();
  const { error, change, setError } = useChange(onDone);
  const { editing, edit, make, close } = useEditing("windows", setError);
  const words = t.alertSetup;
  const timeZone = world.style.value.timeZone;
  return (
    <section class="card" aria-labelledby="windows-heading">
      <h2 id="windows-heading">{words.windows}</h2>
      <ProblemNote error={error} />
      {setup.windows.length === 0 && <p class="muted">{words.noWindows}</p>}
      <ul class="rows" data-testid="windows">
        {setup.windows.map((window) => (
          <li key={window.id} class="alert-rule">
            <span>
              <strong>{window.title}</strong>{" "}
              <span class="muted">
                {words.windowKinds[window.kind]} · <When window={window} />
              </span>
            </span>
            <Switch
              name={window.title}
              on={window.enabled ?? true}
              onSwitch={(enabled) =>
                change(() => client.switchAlertDocument("windows", window.id, enabled), words.saved(window.title))
              }
            />
            <button type="button" class="button button-small" onClick={() => edit(window.id)}>
              {words.edit}
              <span class="unseen">: {window.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="alert-transfer">
        <button type="button" class="button button-small" onClick={make}>
          {words.newWindow}
        </button>
      </p>
      {editing !== null && (
        <WindowDialog
          read={editing === "new" ? null : editing}
          rules={setup.rules}
          taken={new Set(setup.windows.map(({ id }) => id))}
          timeZone={timeZone}
          onDone={onDone}
          onClose={close}
        />
      )}
    </section>
  );
}

function When({ window: { when } }: { window: AlertWindow }) {
  const { world } = useApp();
  const words = t.alertSetup;
  if ("days" in when)
    return (
      <>
        {when.days.length === 7 ? words.everyDay : t.and(when.days.map((day) => words.day[day]))}, {when.from}–{when.to}
      </>
    );
  const at = (time: string) => moment(new Date(time), world.now.value, world.style.value, t.time);
  return (
    <>
      {at(when.begins)} – {at(when.ends)}
    </>
  );
}
