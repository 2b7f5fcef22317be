/** A promise of how a connection ends, and the way to end it; the first reason stands. */
export function ending(): { fail: (error: unknown) => void; ended: Promise<never> } {
  let fail: (error: unknown) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits for it hears the reason; that nobody waits any more is no fault.
  ended.catch(() => undefined);
  return { fail, ended };
}
