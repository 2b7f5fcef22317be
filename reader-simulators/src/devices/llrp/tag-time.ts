/** A reader's times, by the clock that it has (LLRP 1.1 §14.2.3.3: UTC where it knows it, else since it was started). */
export interface TagTime {
  readonly utc: boolean;
  /** Microseconds of a simulated moment. */
  micros(at: number): bigint;
}
