import type { Item } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Dialog } from "../ui/dialog.js";
import { spaced } from "../ui/epc.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { currentTags } from "./bind-dialog.js";
import { ItemPicker } from "./item-picker.js";
import { RetireDialog } from "./retire-dialog.js";

/** From a lost or broken tag to its item: find the item, then choose the tag. */
export function RetireSearch({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { client } = useApp();
  const [item, pick] = useState<Item | null>(null);
  const [epc, choose] = useState<string | null>(null);
  const detail = useResource(item?.id ?? null, (signal) => client.item(item?.id ?? "", signal));
  if (detail.data !== null && epc !== null)
    return <RetireDialog item={detail.data} epc={epc} onClose={onClose} onDone={onDone} />;
  return (
    <Dialog title={t.workList.retireTitle} onClose={onClose}>
      <div class="form">
        <p class="muted">{t.workList.retireLead}</p>
        <ItemPicker picked={item} onPick={pick} />
        <ProblemNote error={detail.error} retry={detail.reload} />
        {detail.data !== null && (
          <>
            <h3>{t.act.whichTag}</h3>
            {currentTags(detail.data).length === 0 && <p class="muted">{t.item.noTag}</p>}
            <ul class="picker-list">
              {currentTags(detail.data).map((tag) => (
                <li key={tag}>
                  <button type="button" class="picker-item code" onClick={() => choose(tag)}>
                    {spaced(tag)}
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Dialog>
  );
}
