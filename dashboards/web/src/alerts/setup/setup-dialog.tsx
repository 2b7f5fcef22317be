import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../messages/index.js";
import { Dialog } from "../../ui/dialog.js";
import { Icon } from "../../ui/icon.js";
import { Confirm } from "../../work-list/confirm.js";
import { useAct } from "../../work-list/use-act.js";
import { Problems } from "./problems.js";

export interface SetupDialogProps {
  /** What the dialog is about, "New rule" or its title. */
  readonly title: string;
  /** What the document says, in a sentence. */
  readonly says: string;
  readonly isNew: boolean;
  /** Its name in what is said afterwards. */
  readonly name: string;
  save(): Promise<unknown>;
  remove(): Promise<unknown>;
  readonly onDone: () => void;
  readonly onClose: () => void;
  readonly children: (problems: Problems) => ComponentChildren;
}

/** Writes or removes one of the rules, receivers and windows. */
export function SetupDialog(props: SetupDialogProps) {
  const { title, says, isNew, name, save, remove, onDone, onClose, children } = props;
  const [removing, setRemoving] = useState(false);
  const { busy, error, act } = useAct(onDone, onClose);
  const problems = new Problems(error);
  const form = useRef<HTMLFormElement>(null);
  // What is wrong may be far above the button that was pressed.
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);
  const words = t.alertSetup;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void (removing ? act(remove, words.removed(name)) : act(save, words.saved(name)));
        }}
      >
        {!removing && children(problems)}
        {!removing && <WrongFields problems={problems} />}
        <Confirm
          what={removing ? words.willRemove(name) : says}
          ready
          name={removing ? words.remove : words.save}
          busy={busy}
          error={problems.all.length > 0 ? null : error}
          grave={removing}
          onClose={removing ? () => setRemoving(false) : onClose}
        />
        {!isNew && !removing && (
          <button type="button" class="button button-small setup-remove" onClick={() => setRemoving(true)}>
            {words.removeStart}
          </button>
        )}
      </form>
    </Dialog>
  );
}

/** Everything that is wrong, in one place, by the names of the fields. */
function WrongFields({ problems }: { problems: Problems }) {
  if (problems.all.length === 0) return null;
  const words = t.alertSetup;
  return (
    <div class="note note-bad" role="alert">
      <Icon name="warning" />
      <div class="note-body">
        <p>{words.wrong}</p>
        <ul>
          {problems.all.map(({ field, message }) => (
            <li key={field + message}>
              <strong>{words.fields[field] ?? field}</strong>: {message}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
