import type { ItemDetail } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Dialog } from "../ui/dialog.js";
import { shortEpc, spaced } from "../ui/epc.js";
import { currentTags } from "./bind-dialog.js";
import { Confirm } from "./confirm.js";
import { useAct } from "./use-act.js";

/** Ends the binding of one tag of an item. */
export function RetireDialog({
  item,
  epc,
  onClose,
  onDone,
}: {
  item: ItemDetail;
  epc: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { client } = useApp();
  const { busy, error, act } = useAct(onDone, onClose);
  const left = currentTags(item).filter((other) => other !== epc).length;
  return (
    <Dialog title={t.workList.retireTitle} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => client.actOnTag(item.id, { act: "retire", epc }), t.act.doneRetire(item.name));
        }}
      >
        <div class="tag-summary">
          <p>
            <strong>{item.name}</strong>
          </p>
          <p class="code">{spaced(epc)}</p>
        </div>
        <Confirm
          what={t.act.willRetire(shortEpc(epc), item.name, left)}
          ready
          grave
          name={t.act.doRetire}
          busy={busy}
          error={error}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
