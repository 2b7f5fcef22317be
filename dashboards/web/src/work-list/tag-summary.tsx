import type { UnknownTag } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { ago } from "../time/words.js";
import { spaced } from "../ui/epc.js";

/** Which tag is meant, as it can be compared with what is printed on it. */
export function TagSummary({ tag }: { tag: UnknownTag }) {
  const { world } = useApp();
  const when = ago(new Date(tag.lastSeenAt), world.now.value, world.style.value, t.time);
  return (
    <div class="tag-summary">
      <p class="code">{spaced(tag.epc)}</p>
      {tag.uri !== null && <p class="code small muted">{tag.uri}</p>}
      <p class="small muted">{t.act.seenAt(tag.place?.name ?? tag.readPoint, when)}</p>
    </div>
  );
}
