const PATHS = {
  search: "M10.5 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M15.500 15.500 20 20",
  close: "M6 6l12 12M18 6 6 18",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.500 2h-15zM10 21.500h4M12 5V3",
  gateway: "M5 14h14v5H5zM8 16.500h.01M12 14v-4M8.500 7.500a5 5 0 0 1 7 0M6 5a8.500 8.500 0 0 1 12 0",
  chevron: "M9 6l6 6-6 6",
  arrow: "M5 12h14M13 6l6 6-6 6",
  into: "M14 4h5v16h-5M4 12h10M10 8l4 4-4 4",
  out: "M10 4H5v16h5M10 12h10M16 8l4 4-4 4",
  question: "M9 9a3 3 0 1 1 4.500 2.600c-.9.5-1.500 1.100-1.500 2.400M12 17.500h.01",
  pin: "M12 21s-6.500-5.600-6.500-11a6.500 6.500 0 0 1 13 0c0 5.400-6.500 11-6.500 11M12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5",
  check: "M5 12.500l4.500 4.500L19 7.500",
  warning: "M12 4 2.800 20h18.400zM12 10v4.500M12 17.300h.01",
  down: "M6 9l6 6 6-6",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  door: "M6 21V4h12v17M4 21h16M14.500 12.500h.01",
  shelf: "M4 4v17M20 4v17M4 9h16M4 16h16",
  disk: "M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3M4 6v12c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.500 20.500c.8-3.500 3.800-5.500 7.500-5.500s6.700 2 7.500 5.500",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside words; it says nothing the words do not. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product. */
export function Mark() {
  return (
    <svg class="mark" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="32" height="32" rx="7" />
      <path class="mark-line" d="M8 23.500V12l8-5 8 5v11.500zM12.200 18.200a5.400 5.400 0 0 1 7.600 0" />
      <circle class="mark-dot" cx="16" cy="21.200" r="1.700" />
    </svg>
  );
}
