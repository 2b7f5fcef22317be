/** A buffer that grows. */
export class Writer {
  bytes: Uint8Array;
  view: DataView;
  offset = 0;
  /** Names of what is being encoded, outermost first. */
  readonly path: string[] = [];

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Room for `count` more bytes, zeroed; says where they begin. */
  take(count: number): number {
    const start = this.offset;
    const end = start + count;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.offset = end;
    return start;
  }

  // The room is taken before the view is fetched: taking may replace it.
  u8(value: number): void {
    const at = this.take(1);
    this.view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.take(2);
    this.view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.take(4);
    this.view.setUint32(at, value);
  }

  u64(value: bigint): void {
    const at = this.take(8);
    this.view.setBigUint64(at, value);
  }

  put(source: Uint8Array): void {
    const start = this.take(source.length);
    this.bytes.set(source, start);
  }
}
