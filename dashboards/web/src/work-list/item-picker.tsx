import type { Item } from "@storeward/contracts";
import { useEffect, useId, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { whereWords } from "../search/item-list.js";
import { shortEpc } from "../ui/epc.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";

const MOST = 8;
const TYPING_MS = 180;

/** Finds one item by what is typed. */
export function ItemPicker({ picked, onPick }: { picked: Item | null; onPick: (item: Item | null) => void }) {
  const { client } = useApp();
  const id = useId();
  const [text, setText] = useState("");
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useResource(q === "" ? null : q, (signal) => client.items({ q, limit: MOST }, signal), {
    keep: q !== "",
  });

  if (picked !== null)
    return (
      <div class="picked">
        <p>
          <strong>{picked.name}</strong>
          <span class="small muted">{`${picked.kind} · ${whereWords(picked)}`}</span>
        </p>
        <button type="button" class="button button-small" onClick={() => onPick(null)}>
          {t.act.change}
        </button>
      </div>
    );
  return (
    <div class="picker">
      <label for={id}>{t.act.pickItem}</label>
      <input
        id={id}
        type="search"
        class="input"
        placeholder={t.act.pickHint}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <ProblemNote error={found.error} />
      <ul class="picker-list">
        {(found.data?.items ?? []).map((item) => (
          <li key={item.id}>
            <button type="button" class="picker-item" onClick={() => onPick(item)}>
              <span>{item.name}</span>
              <span class="small muted">
                {whereWords(item)}
                {item.epc !== null && ` · ${shortEpc(item.epc)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {q !== "" && found.data?.items.length === 0 && !found.loading && <p class="small muted">{t.act.noMatch}</p>}
    </div>
  );
}
