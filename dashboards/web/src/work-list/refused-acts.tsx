import type { RefusedAct } from "@storeward/contracts";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { spaced } from "../ui/epc.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useDecided } from "../ui/use-decided.js";

/** What phones have sent and could not be done, each to be tried again or dismissed; nothing where there is none. */
export function RefusedActs({ onDone }: { onDone: () => void }) {
  const { client } = useApp();
  const { data, said, error, decide } = useDecided("refused-acts", (signal) => client.refusedActs(signal));
  const words = t.workList;
  const again = (act: RefusedAct) =>
    decide(async () => {
      const { done } = await client.tryActAgain(act);
      if (done) onDone();
      return done ? words.againDone : words.againStill;
    });
  const dismiss = (act: RefusedAct) =>
    decide(async () => {
      await client.dismissAct(act);
      return words.dismissed;
    });
  const acts = data?.acts ?? [];
  if (acts.length === 0) return said === "" ? null : <p role="status">{said}</p>;
  return (
    <section class="card refused-acts" aria-labelledby="refused-heading" data-testid="refused-acts">
      <h2 id="refused-heading">{words.refusedTitle(acts.length, data?.more === true)}</h2>
      <p class="small muted">{words.refusedLead}</p>
      <ul>
        {acts.map((act) => (
          <Refused
            key={`${act.epoch} ${act.seq}`}
            act={act}
            onAgain={() => void again(act)}
            onDismiss={() => void dismiss(act)}
          />
        ))}
      </ul>
      <p class="small" role="status">
        {said}
      </p>
      <ProblemNote error={error} />
    </section>
  );
}

interface RefusedProps {
  act: RefusedAct;
  onAgain: () => void;
  onDismiss: () => void;
}

function Refused({ act, onAgain, onDismiss }: RefusedProps) {
  const words = t.workList;
  const what = words.refused[act.act](act.epc === null ? words.erased : spaced(act.epc), act.itemName ?? words.noItem);
  return (
    <li class="refused-act">
      <div>
        <p class="refused-what">{what}</p>
        <p class="small muted">
          <Ago at={act.observedAt} /> {words.refusedBy(act.sourceName, act.actor)}
          {act.context !== null && `, ${words.refusedSays(act.context.actor)}`}
        </p>
        <p class="small">{act.reason}</p>
        {act.standsAt !== null && (
          <p class="small">
            {words.refusedStands} <Ago at={act.standsAt} />
          </p>
        )}
      </div>
      <fieldset class="unknown-acts">
        <legend class="unseen">{what}</legend>
        <button type="button" class="button" onClick={onAgain}>
          {words.again}
        </button>
        <button type="button" class="button" onClick={onDismiss}>
          {words.dismiss}
        </button>
      </fieldset>
    </li>
  );
}
