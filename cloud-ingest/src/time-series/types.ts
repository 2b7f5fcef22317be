import type { Measurement } from "@storeward/contracts";
import type { Sql } from "../database/types.js";

/** A minute of one measurement: what is written and rewritten as a whole. */
export interface Bucket {
  readonly measurement: Measurement;
  /** The minute's first moment. */
  readonly at: Date;
}

/** Values by name, as `SERIES` lists them. Fields of which nothing is known are absent. */
export type Fields = Readonly<Record<string, number>>;
export type TagSet = Readonly<Record<string, string>>;

/** What a bucket holds under one set of tags. */
export interface Point {
  readonly tags: TagSet;
  readonly fields: Fields;
}

/** A bucket with all that it is to hold. */
export interface FullBucket extends Bucket {
  readonly points: readonly Point[];
}

export interface Series {
  readonly tags: TagSet;
  /** In order of time. */
  readonly points: readonly { readonly at: Date; readonly fields: Fields }[];
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
  /** Makes what has to be there before anything is written. Called again after a failure. */
  prepare(): Promise<void>;
  /** Makes each bucket hold these points and no others. */
  replace(buckets: readonly FullBucket[]): Promise<void>;
  /** By step and tags, each field as `SERIES` says it is put together; series by their tags, steps in which there was nothing left out. */
  query(range: RangeQuery): Promise<Series[]>;
}

/** A place for time series under its name. */
export interface NamedSeries {
  readonly name: string;
  readonly series: TimeSeries;
}

/** What the catalogue knows of things at the moments beside them (ms since 1970), for tags: in their order, undefined for unknown ids. */
export interface SeriesItems {
  seriesItems(
    sql: Sql,
    asked: readonly { readonly item: string; readonly at: number }[],
  ): Promise<readonly ({ readonly kind: string; readonly home: string | null } | undefined)[]>;
}

/** How many things of a kind there are, and how many of them are not where they should be. */
export interface KindTroubles {
  readonly kind: string;
  readonly items: number;
  readonly wrongPlace: number;
  readonly missing: number;
}

/** The catalogue knows it. */
export interface TroubleCounts {
  countByKind(sql: Sql): Promise<readonly KindTroubles[]>;
}

/** By place, of how many things it is not known any more whether they are there. */
export type PlaceCounts = ReadonlyMap<string, { readonly unknown: number }>;

/** Locations know it. */
export interface UnknownCounts {
  /** @param rest waited for after each piece of it, of which it is told how long it took, ms */
  countByPlace(sql: Sql, rest: (tookMs: number) => Promise<void>): Promise<PlaceCounts>;
}
