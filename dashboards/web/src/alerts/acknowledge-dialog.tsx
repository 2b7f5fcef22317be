import type { Alert } from "@storeward/contracts";
import { useId, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Dialog } from "../ui/dialog.js";
import { Confirm } from "../work-list/confirm.js";
import { useAct } from "../work-list/use-act.js";

/** Says that one knows of it, with a note for the others. */
export function AcknowledgeDialog({
  alert,
  onClose,
  onDone,
}: {
  alert: Alert;
  onClose: () => void;
  onDone: () => void;
}) {
  const { client } = useApp();
  const [note, setNote] = useState("");
  const field = useId();
  const { busy, error, act } = useAct(onDone, onClose);
  const words = t.alerts;
  return (
    <Dialog title={words.acknowledgeTitle} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => client.acknowledge(alert.id, note.trim()), words.acknowledgedNotice(alert.what));
        }}
      >
        <label for={field}>{words.note}</label>
        <input
          id={field}
          class="input"
          maxLength={500}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
        <Confirm
          what={words.willAcknowledge(`${alert.title}: ${alert.what}`)}
          ready
          name={words.acknowledge}
          busy={busy}
          error={error}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
