import { t } from "../messages/index.js";
import type { Portal } from "./model.js";

/** Told apart by their sign and not by colour alone: two ways, a cross, a question mark, a dash. */
export const PORTAL_SIGNS = {
  watching: "M-4.5 0h9M-2.5-2.5-5 0l2.5 2.5M2.5-2.5 5 0 2.5 2.5",
  blind: "M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2",
  doubtful: "M-2.2-1.8a2.2 2.2 0 1 1 3.300 1.900C.3.6 0 .9 0 1.700M0 4.300h.01",
  unheard: "M-3.5 0h7",
} as const;

/** A door with readers, its health, and a ring when something has just passed. */
export function PortalMark({ portal: { id, at, state }, passed }: { portal: Portal; passed: boolean }) {
  const [x, y] = at;
  return (
    <g class={`plan-portal plan-portal-${state} ${passed ? "plan-portal-passed" : ""}`} data-testid={`portal-${id}`}>
      <title>{`${t.plan.portal(id)}: ${t.plan.readPoint[state]}. ${t.plan.readPointHint[state]}`}</title>
      <circle class="plan-portal-ring" cx={x} cy={y} r="9" />
      <circle class="plan-portal-disc" cx={x} cy={y} r="9" />
      <path class="plan-portal-sign" d={PORTAL_SIGNS[state]} transform={`translate(${x} ${y})`} />
    </g>
  );
}
