import type { UnknownTag } from "@storeward/contracts";
import { homeHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { spaced } from "../ui/epc.js";
import type { Act } from "./work-list-page.js";

const ACTS = ["bind", "create", "replace"] as const;

/** One unknown tag: what it says, where and when it was seen, and what to do with it. */
export function TagRow({ tag, onAct }: { tag: UnknownTag; onAct: ((act: Act) => void) | null }) {
  const words = t.workList;
  return (
    <li class="unknown-tag" data-testid="unknown-tag">
      <div class="unknown-what">
        <p class="code unknown-epc">{spaced(tag.epc)}</p>
        <p class="small muted code">{tag.uri ?? words.noUri}</p>
      </div>
      <dl class="unknown-facts">
        <div>
          <dt>{words.where}</dt>
          <dd>
            {tag.place === null ? (
              <span class="unknown-point">{tag.readPoint}</span>
            ) : (
              <>
                <a class="tap" href={homeHref("", tag.place.id)}>
                  {tag.place.name}
                </a>{" "}
                <span class="small muted unknown-point">{tag.readPoint}</span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{words.lastSeen}</dt>
          <dd>
            <Ago at={tag.lastSeenAt} />
          </dd>
        </div>
        <div>
          <dt>{words.firstSeen}</dt>
          <dd>
            <Ago at={tag.firstSeenAt} />
          </dd>
        </div>
        <div>
          <dt>{words.howOften}</dt>
          <dd class="num">{t.number(tag.observations)}</dd>
        </div>
      </dl>
      {onAct !== null && (
        <fieldset class="unknown-acts">
          <legend class="unseen">{words.actionsFor(tag.epc)}</legend>
          {ACTS.map((act) => (
            <button
              key={act}
              type="button"
              class={act === "bind" ? "button button-main" : "button"}
              onClick={() => onAct(act)}
            >
              {words[act]}
            </button>
          ))}
        </fieldset>
      )}
    </li>
  );
}
