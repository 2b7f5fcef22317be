import { t } from "../messages/index.js";
import { PORTAL_SIGNS } from "./portal-mark.js";

/** What the signs of the plan mean. */
export function Legend({ shared }: { shared: boolean }) {
  return (
    <ul class="plan-legend" aria-label={t.plan.legend}>
      {(["watching", "doubtful", "blind", "unheard"] as const).map((state) => (
        <li key={state}>
          <svg
            width="20"
            height="20"
            viewBox="-10 -10 20 20"
            aria-hidden="true"
            class={`plan-portal plan-portal-${state}`}
          >
            <circle class="plan-portal-disc" r="9" />
            <path class="plan-portal-sign" d={PORTAL_SIGNS[state]} />
          </svg>
          {t.plan.legendDoor(t.plan.readPoint[state])}
        </li>
      ))}
      <li>
        <svg width="26" height="14" viewBox="0 0 26 14" aria-hidden="true" class="plan-shelf" data-state="watching">
          <polygon class="plan-shape" points="1,1 25,1 25,13 1,13" />
        </svg>
        {t.plan.legendShelf}
      </li>
      {shared && (
        <li>
          <svg width="26" height="14" viewBox="0 0 26 14" aria-hidden="true" class="plan-room plan-shared">
            <polygon class="plan-shape" points="1,1 25,1 25,13 1,13" />
          </svg>
          {t.plan.legendShared}
        </li>
      )}
      <li>{t.plan.legendUnknown}</li>
    </ul>
  );
}
