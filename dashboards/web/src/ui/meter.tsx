/** A part of a whole as a bar. Widths come from an SVG, which needs no style attribute. */
export function Meter({ value, max, label, text }: { value: number; max: number; label: string; text: string }) {
  const share = max <= 0 ? 0 : Math.min(1, Math.max(0, value / max));
  return (
    <svg
      class={`meter ${share > 0.9 ? "meter-full" : ""}`}
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${text}`}
    >
      <rect class="meter-ground" width="100" height="4" rx="1" />
      <rect class="meter-value" width={Math.max(share * 100, value > 0 ? 0.8 : 0)} height="4" rx="1" />
    </svg>
  );
}
