import type { UnknownTag } from "@storeward/contracts";
import { useId, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Dialog } from "../ui/dialog.js";
import { shortEpc } from "../ui/epc.js";
import { useResource } from "../ui/resource.js";
import { Confirm } from "./confirm.js";
import { TagSummary } from "./tag-summary.js";
import { useAct } from "./use-act.js";

/** Makes an item of what an unknown tag is on. */
export function CreateDialog({ tag, onClose, onDone }: { tag: UnknownTag; onClose: () => void; onDone: () => void }) {
  const { client, world } = useApp();
  const id = useId();
  const [name, setName] = useState("");
  const [kind, setKind] = useState("");
  const [home, setHome] = useState("");
  const { busy, error, act } = useAct(onDone, onClose);
  const kinds = useResource("kinds", (signal) => client.kinds("", signal));
  const homes = (world.locations.value?.locations ?? []).filter(
    ({ type }) => type === "room" || type === "shelf" || type === "bin",
  );
  const given = { name: name.trim(), kind: kind.trim() };
  const ready = given.name !== "" && given.kind !== "";

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!ready) return;
    const item = { ...given, epc: tag.epc, ...(home === "" ? {} : { home }) };
    void act(() => client.createItem(item), t.act.doneCreate(given.name));
  }
  return (
    <Dialog title={t.workList.create} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <TagSummary tag={tag} />
        <div class="field">
          <label for={`${id}name`}>{t.act.name}</label>
          <input
            id={`${id}name`}
            class="input"
            maxLength={200}
            autocomplete="off"
            required
            aria-describedby={`${id}hint`}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <p id={`${id}hint`} class="small muted">
            {t.act.nameHint}
          </p>
        </div>
        <div class="field">
          <label for={`${id}kind`}>{t.act.kind}</label>
          <input
            id={`${id}kind`}
            class="input"
            list={`${id}kinds`}
            maxLength={200}
            autocomplete="off"
            required
            value={kind}
            onInput={(event) => setKind(event.currentTarget.value)}
          />
          <datalist id={`${id}kinds`}>
            {(kinds.data?.kinds ?? []).map((known) => (
              <option key={known.kind} value={known.kind} />
            ))}
          </datalist>
        </div>
        <div class="field">
          <label for={`${id}home`}>{t.act.home}</label>
          <select id={`${id}home`} class="select" value={home} onChange={(event) => setHome(event.currentTarget.value)}>
            <option value="">{t.act.homeNone}</option>
            {homes.map((place) => (
              <option key={place.id} value={place.code}>
                {place.name}
              </option>
            ))}
          </select>
        </div>
        <Confirm
          what={ready ? t.act.willCreate(shortEpc(tag.epc), given.name, given.kind) : t.act.willCreateIncomplete}
          ready={ready}
          name={t.act.doCreate}
          busy={busy}
          error={error}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
