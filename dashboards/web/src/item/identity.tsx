import type { ItemDetail } from "@storeward/contracts";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { Badge } from "../ui/badge.js";
import { spaced } from "../ui/epc.js";

/** What it is called by others, and the tags it carries and carried. */
export function Identity({ item, onRetire }: { item: ItemDetail; onRetire: ((epc: string) => void) | null }) {
  const numbers = [
    [t.item.kind, item.kind],
    [t.item.gtin, item.gtin],
    [t.item.giai, item.giai],
    [t.item.serial, item.serial],
  ] as const;
  return (
    <section class="card" aria-labelledby="identity-heading">
      <h2 id="identity-heading">{t.item.identity}</h2>
      <dl class="facts facts-narrow">
        {numbers.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="num">{value}</dd>
            </div>
          ),
        )}
      </dl>
      <h3>{t.item.tags}</h3>
      {item.tags.length === 0 && <p class="muted">{t.item.noTag}</p>}
      <ul class="tags">
        {item.tags.map((tag) => (
          <li key={tag.epc + tag.validFrom} class={tag.validTo === null ? "tag" : "tag tag-former"}>
            <p class="code">{spaced(tag.epc)}</p>
            {tag.uri !== null && <p class="code small muted">{tag.uri}</p>}
            <p class="small tag-facts">
              <Badge tone={tag.validTo === null ? "good" : "quiet"}>
                {tag.validTo === null ? t.item.current : t.item.former}
              </Badge>
              <span class="muted">
                {isBeginning(tag.validFrom) ? t.item.fromBeginning : <Ago at={tag.validFrom} />}
                {tag.validTo !== null && (
                  <>
                    {" – "}
                    <Ago at={tag.validTo} />
                  </>
                )}
                {" · "}
                {t.item.boundBy(tag.boundBy)}
              </span>
            </p>
            {tag.validTo === null && onRetire !== null && (
              <button type="button" class="button button-small" onClick={() => onRetire(tag.epc)}>
                {t.item.retire}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A binding that has no beginning of its own holds since time began, which is 1970. */
const isBeginning = (at: string) => Date.parse(at) <= 0;
