import type { Item, ItemDetail, UnknownTag } from "@storeward/contracts";
import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Dialog } from "../ui/dialog.js";
import { shortEpc } from "../ui/epc.js";
import { useResource } from "../ui/resource.js";
import { Confirm } from "./confirm.js";
import { ItemPicker } from "./item-picker.js";
import { type Since, SinceChoice } from "./since-choice.js";
import { TagSummary } from "./tag-summary.js";
import { useAct } from "./use-act.js";

/** Gives an unknown tag to an existing item: besides the tags it has, or instead of them. */
export function BindDialog({
  act: how,
  tag,
  onClose,
  onDone,
}: {
  act: "bind" | "replace";
  tag: UnknownTag;
  onClose: () => void;
  onDone: () => void;
}) {
  const { client } = useApp();
  const [item, pick] = useState<Item | null>(null);
  const [since, setSince] = useState<Since>("now");
  const { busy, error, act } = useAct(onDone, onClose);
  // Which tags it has now is said before they are taken from it.
  const detail = useResource(item?.id ?? null, (signal) => client.item(item?.id ?? "", signal));
  const old = currentTags(detail.data);
  const ready = item !== null && detail.data !== null;

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (item === null) return;
    const from = since === "first" ? { validFrom: tag.firstSeenAt } : {};
    const done = how === "bind" ? t.act.doneBind(item.name) : t.act.doneReplace(item.name);
    void act(() => client.actOnTag(item.id, { act: how, epc: tag.epc, ...from }), done);
  }
  const what =
    item === null
      ? t.act.pickFirst
      : how === "bind"
        ? t.act.willBind(shortEpc(tag.epc), item.name, old.length)
        : t.act.willReplace(shortEpc(tag.epc), item.name, old.map(shortEpc));
  return (
    <Dialog title={t.workList[how]} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <TagSummary tag={tag} />
        <ItemPicker picked={item} onPick={pick} />
        {item !== null && <SinceChoice value={since} onChange={setSince} firstSeenAt={tag.firstSeenAt} />}
        <Confirm
          what={ready || item === null ? what : t.loading}
          ready={ready}
          name={how === "bind" ? t.act.doBind : t.act.doReplace}
          busy={busy}
          error={error ?? detail.error}
          grave={how === "replace" && old.length > 0}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

export const currentTags = (item: ItemDetail | null): string[] =>
  (item?.tags ?? []).filter(({ validTo }) => validTo === null).map(({ epc }) => epc);
