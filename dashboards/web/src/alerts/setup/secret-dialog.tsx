import { useId } from "preact/hooks";
import { t } from "../../messages/index.js";
import { Dialog } from "../../ui/dialog.js";

/** The secret of a webhook, once. */
export function SecretDialog({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  const id = useId();
  const words = t.alertSetup;
  return (
    <Dialog title={words.secretTitle(name)} onClose={onClose}>
      <div class="form">
        <div class="field">
          <label for={id}>{words.secret}</label>
          <input
            id={id}
            class="input code"
            readOnly
            value={secret}
            aria-describedby={`${id}h`}
            onFocus={(event) => event.currentTarget.select()}
          />
          <p id={`${id}h`} class="small muted">
            {words.secretHint}
          </p>
        </div>
        <div class="dialog-acts">
          <button type="button" class="button button-main" onClick={onClose}>
            {t.close}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
