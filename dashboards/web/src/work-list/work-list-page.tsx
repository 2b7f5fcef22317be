import type { UnknownTag } from "@storeward/contracts";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { useMoves, useSoon } from "../ui/live-hooks.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { BindDialog } from "./bind-dialog.js";
import { CreateDialog } from "./create-dialog.js";
import { RefusedActs } from "./refused-acts.js";
import { RetireSearch } from "./retire-search.js";
import { TagRow } from "./tag-row.js";
import "./work-list.css";

export type Act = "bind" | "replace" | "create";

const POLL_MS = 15_000;
/** What is done from the top leaves room for the rest. */
const MOST = 200;

/** Tags that were seen and belong to nothing known, with what an administrator can do about them. */
export function WorkListPage({ administrator }: { administrator: boolean }) {
  const { client, world } = useApp();
  const page = useResource("unknown", () => client.unknownTags(MOST));
  const [open, setOpen] = useState<{ act: Act; tag: UnknownTag } | "retire" | null>(null);
  const soon = useSoon(page.reload, 1_000, 4_000);
  useEffect(() => {
    const timer = setInterval(page.reload, POLL_MS);
    // A window that is not looked at hardly polls.
    window.addEventListener("focus", page.reload);
    const stop = world.onPassage(({ unknownTags }) => {
      if (unknownTags > 0) soon();
    });
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", page.reload);
      stop();
    };
  }, [world, page.reload, soon]);

  const acted = useRef(false);
  const done = () => {
    acted.current = true;
    page.reload();
  };
  // The row acted on goes, and the focus with it: who works by keyboard goes on from here rather than from the top.
  useEffect(() => {
    if (page.data === null || !acted.current) return;
    acted.current = false;
    if (document.activeElement === document.body) document.getElementById("content")?.focus({ preventScroll: true });
  }, [page.data]);

  const tags = page.data?.tags ?? [];
  // What moves as a thing is no longer unknown: somebody has bound its tag.
  useMoves(({ item }) => {
    if (tags.some(({ epc }) => epc === item.epc)) soon();
  });
  const close = () => setOpen(null);
  return (
    <Page title={t.workList.title} heading={t.workList.title} className="work-list">
      <p class="lead">{t.workList.lead}</p>
      {!administrator && <p class="note">{t.workList.viewer}</p>}
      <ProblemNote error={page.error} retry={page.reload} />
      {page.data === null && page.loading && <p class="muted">{t.loading}</p>}
      {page.data !== null && tags.length === 0 && <p class="card empty">{t.workList.empty}</p>}
      {tags.length > 0 && (
        <section class="card" aria-labelledby="unknown-heading">
          <h2 id="unknown-heading">{t.workList.count(tags.length, page.data?.next !== null)}</h2>
          <ul class="unknown-tags" data-testid="unknown-tags">
            {tags.map((tag) => (
              <TagRow key={tag.epc} tag={tag} onAct={administrator ? (act) => setOpen({ act, tag }) : null} />
            ))}
          </ul>
        </section>
      )}
      {administrator && <RefusedActs onDone={done} />}
      {administrator && (
        <section class="card retire" aria-labelledby="retire-heading">
          <div>
            <h2 id="retire-heading">{t.workList.retireTitle}</h2>
            <p class="muted">{t.workList.retireLead}</p>
          </div>
          <button type="button" class="button" onClick={() => setOpen("retire")}>
            {t.workList.retireStart}
          </button>
        </section>
      )}
      {open === "retire" && <RetireSearch onClose={close} onDone={done} />}
      {open !== null && open !== "retire" && open.act === "create" && (
        <CreateDialog tag={open.tag} onClose={close} onDone={done} />
      )}
      {open !== null && open !== "retire" && open.act !== "create" && (
        <BindDialog act={open.act} tag={open.tag} onClose={close} onDone={done} />
      )}
    </Page>
  );
}
