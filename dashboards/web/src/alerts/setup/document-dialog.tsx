import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AlertAnswer, AlertDocuments, AsRead } from "../../api/client.js";
import { useApp } from "../../app/app.js";
import { t } from "../../messages/index.js";
import { Dialog } from "../../ui/dialog.js";
import { Icon } from "../../ui/icon.js";
import { Confirm } from "../../work-list/confirm.js";
import { useAct } from "../../work-list/use-act.js";
import { ChangedNote } from "./changed-note.js";
import { Problems } from "./problems.js";
import { useTheirs } from "./use-theirs.js";

/** What there is to know of one sort of document to write it: of rules, receivers or windows. */
export interface Sort<L extends keyof AlertDocuments, Draft> {
  readonly list: L;
  readonly blank: Draft;
  draftOf(document: AlertDocuments[L]): Draft;
  documentOf(draft: Draft, taken: ReadonlySet<string>): AlertDocuments[L];
  titleOf(draft: Draft): string;
  /** "New rule", and what one that there is is called. */
  readonly words: { readonly new: string; edit(title: string): string };
  /** What will happen, in a sentence. */
  says(draft: Draft, isNew: boolean): string;
}

/** What the fields of a form get: what is typed, what is wrong with it, and how it is changed. */
export interface FormProps<Draft> {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly set: (change: Partial<Draft>) => void;
}

export interface DocumentDialogProps<L extends keyof AlertDocuments> {
  /** Null: a new one. */
  readonly read: AsRead<AlertDocuments[L]> | null;
  /** Ids of all that there are. */
  readonly taken: ReadonlySet<string>;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Writes or removes a document: of what somebody else has changed meanwhile nothing is written over, and it is said what that is. */
export function DocumentDialog<L extends keyof AlertDocuments, Draft>({
  sort,
  read,
  taken,
  onAnswer,
  onDone,
  onClose,
  children,
}: DocumentDialogProps<L> & {
  sort: Sort<L, Draft>;
  onAnswer?: (answer: AlertAnswer<L>) => void;
  children: (form: FormProps<Draft>) => ComponentChildren;
}) {
  const { client } = useApp();
  const [base, setBase] = useState(read);
  const [draft, setDraft] = useState(base === null ? sort.blank : sort.draftOf(base.document));
  const [removing, setRemoving] = useState(false);
  const { busy, error, act, forget } = useAct(onDone, onClose);
  const theirs = useTheirs(sort.list, base, error, onDone);
  const problems = new Problems(error);
  const form = useRef<HTMLFormElement>(null);
  // What is wrong may be far above the button that was pressed.
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);
  const words = t.alertSetup;
  const name = base === null ? sort.titleOf(draft) : sort.titleOf(sort.draftOf(base.document));

  async function save() {
    const answer = await client.setAlertDocument(sort.list, sort.documentOf(draft, taken), base?.tag ?? null);
    onAnswer?.(answer);
  }
  async function remove() {
    if (base !== null) await client.removeAlertDocument(sort.list, base.document.id, base.tag);
  }
  function loadTheirs(now: AsRead<AlertDocuments[L]>) {
    setBase(now);
    setDraft(sort.draftOf(now.document));
    setRemoving(false);
    forget();
  }
  return (
    <Dialog title={base === null ? sort.words.new : sort.words.edit(name)} onClose={onClose}>
      <form
        ref={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void (removing ? act(remove, words.removed(name)) : act(save, words.saved(sort.titleOf(draft))));
        }}
      >
        {!removing && children({ draft, problems, set: (change) => setDraft((was) => ({ ...was, ...change })) })}
        {!removing && <WrongFields problems={problems} />}
        {theirs !== null && <ChangedNote {...theirs} onLoad={loadTheirs} />}
        <Confirm
          what={removing ? words.willRemove(name) : sort.says(draft, base === null)}
          ready
          name={removing ? words.remove : words.save}
          busy={busy}
          error={problems.all.length > 0 || theirs !== null ? null : error}
          grave={removing}
          onClose={removing ? () => setRemoving(false) : onClose}
        />
        {base !== null && !removing && (
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
