import { t } from "../messages/index.js";
import { ProblemNote } from "../ui/problem-note.js";

/** What will happen, in words, above the button that makes it so. */
export function Confirm({
  what,
  ready,
  name,
  busy,
  error,
  grave = false,
  onClose,
}: {
  what: string;
  ready: boolean;
  name: string;
  busy: boolean;
  error: unknown;
  grave?: boolean;
  onClose: () => void;
}) {
  return (
    <>
      <div class={`will ${ready ? "will-ready" : ""}`} aria-live="polite">
        <h3>{t.act.whatHappens}</h3>
        <p>{what}</p>
      </div>
      <ProblemNote error={error} />
      <div class="dialog-acts">
        <button type="button" class="button" onClick={onClose}>
          {t.cancel}
        </button>
        <button type="submit" class={`button ${grave ? "button-grave" : "button-main"}`} disabled={!ready || busy}>
          {busy ? t.act.working : name}
        </button>
      </div>
    </>
  );
}
