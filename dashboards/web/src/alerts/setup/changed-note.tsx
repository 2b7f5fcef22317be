import type { AsRead } from "../../api/client.js";
import { t } from "../../messages/index.js";
import { Icon } from "../../ui/icon.js";
import { changedFields } from "./changed-fields.js";
import type { Theirs } from "./use-theirs.js";

/** Somebody else was faster: who, what is otherwise now, and a way to go on from there. */
export function ChangedNote<D>({ says, before, now, onLoad }: Theirs<D> & { onLoad: (now: AsRead<D>) => void }) {
  const words = t.alertSetup;
  const changed = now === null ? [] : changedFields(before, now.document);
  const names = [...new Set(changed.map((field) => words.fields[field] ?? field))];
  return (
    <div class="note note-bad" role="alert">
      <Icon name="warning" />
      <div class="note-body">
        <p>{says}</p>
        {names.length > 0 && <p>{words.changedThere(names)}</p>}
        {now !== null && (
          <button type="button" class="button button-small" onClick={() => onLoad(now)}>
            {words.loadAnew}
          </button>
        )}
      </div>
    </div>
  );
}
