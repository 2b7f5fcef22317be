/** A connection that is silent for so long is given up. */
export const SILENT_MS = 10_000;

/**
 * Gives a request up after a while, whatever its client makes of it: the one of 1.x waits for ever for an answer that was cut off in
 * the middle, and whoever writes would hold the place meanwhile.
 */
export async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no whole answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
