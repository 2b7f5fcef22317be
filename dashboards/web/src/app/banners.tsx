import { useEffect } from "preact/hooks";
import { t } from "../messages/index.js";
import { Icon } from "../ui/icon.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useApp } from "./app.js";

/** What everybody on every page has to know: it is not working fully, or cannot be reached. */
export function Banners() {
  const { world } = useApp();
  const health = world.health.value;
  const parts = Object.entries(health?.parts ?? {}).filter(([, part]) => part.status === "degraded");
  return (
    <div class="banners">
      {health?.status === "degraded" && (
        <div class="note note-warn" role="status" data-testid="degraded">
          <Icon name="warning" />
          <div class="note-body">
            <p>{t.health.degraded}</p>
            {parts.length > 0 && (
              <p class="small">{parts.map(([name, part]) => t.health.part(name, part.detail)).join(" · ")}</p>
            )}
          </div>
        </div>
      )}
      {world.failure.value !== null && <ProblemNote error={world.failure.value} retry={world.refresh} />}
    </div>
  );
}

const NOTICE_MS = 8_000;

/** Says once that something was done. */
export function Notice() {
  const { notice } = useApp();
  const text = notice.value;
  useEffect(() => {
    if (text === null) return;
    const timer = setTimeout(() => {
      notice.value = null;
    }, NOTICE_MS);
    return () => clearTimeout(timer);
  }, [text, notice]);
  return (
    <div class="notice-place" role="status">
      {text !== null && (
        <div class="notice">
          <Icon name="check" />
          <span>{text}</span>
          <button
            type="button"
            class="button-icon"
            aria-label={t.close}
            onClick={() => {
              notice.value = null;
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
