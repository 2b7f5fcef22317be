export interface Debounced {
  /** Runs soon: `wait` after the last call, but not later than `most` after the first. */
  (): void;
  cancel(): void;
}

/** Joins a burst of calls into one; `cancel` forgets what is due. */
export function debounce(run: () => void, wait: number, most: number): Debounced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first: number | undefined;
  const fire = () => {
    timer = undefined;
    first = undefined;
    run();
  };
  const call = () => {
    const now = Date.now();
    first ??= now;
    clearTimeout(timer);
    timer = setTimeout(fire, Math.max(0, Math.min(wait, first + most - now)));
  };
  return Object.assign(call, {
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
      first = undefined;
    },
  });
}
