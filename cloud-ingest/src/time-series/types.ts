import type { Measurement } from "@storeward/contracts";

/** A minute of one measurement: what is written and rewritten as a whole. */
export interface Bucket {
  readonly measurement: Measurement;
  /** The minute's first moment. */
  readonly at: Date;
}

/** What was counted in a bucket under one set of tags. */
export interface Point {
  readonly tags: Readonly<Record<string, string>>;
  readonly count: number;
}

export interface Series {
  readonly tags: Readonly<Record<string, string>>;
  /** In order of time. */
  readonly points: readonly { readonly at: Date; readonly count: number }[];
}

export interface RangeQuery {
  readonly measurement: Measurement;
  /** The first moment. */
  readonly from: Date;
  /** The first moment after. */
  readonly to: Date;
  /** Seconds a point of the answer stands for; they begin at whole multiples since 1970. */
  readonly step: number;
}

/** Where buckets are kept: the database, or a time series database. Writing the same again changes nothing. */
export interface TimeSeries {
  /** Makes each bucket hold these points and no others. */
  replace(buckets: readonly (Bucket & { readonly points: readonly Point[] })[]): Promise<void>;
  /** Sums by step and tags; series in the order of their tags, steps without a count left out. */
  query(range: RangeQuery): Promise<Series[]>;
}
