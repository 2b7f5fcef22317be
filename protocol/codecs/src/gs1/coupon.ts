import { dateProblem, digitsAt, fullYear } from "./dates.js";
import type { Problem } from "./errors.js";

/** Walks the digits of a coupon, whose fields say their own lengths. */
class Fields {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get rest(): number {
    return this.text.length - this.at;
  }

  get offset(): number {
    return this.at;
  }

  /** Takes the marker of an optional field if it is next. */
  option(marker: string): boolean {
    if (this.text.charAt(this.at) !== marker) return false;
    this.at++;
    return true;
  }

  take(length: number, name: string): string {
    if (this.rest < length) throw new CouponProblem(["TOO_SHORT", this.at, `the coupon's ${name} is cut off`]);
    this.at += length;
    return this.text.slice(this.at - length, this.at);
  }

  /** One digit out of `allowed`. */
  digit(allowed: string, name: string): number {
    const digit = this.take(1, name);
    if (!allowed.includes(digit)) {
      throw new CouponProblem(["BAD_VALUE", this.at - 1, `the coupon's ${name} is one of ${[...allowed].join(", ")}`]);
    }
    return Number(digit);
  }

  /** A field with its length, less `base`, as a digit in front. */
  sized(allowed: string, base: number, name: string): void {
    this.take(base + this.digit(allowed, `length of the ${name}`), name);
  }
}

class CouponProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem[2]);
    this.problem = problem;
  }
}

function walk(text: string, fields: (at: Fields) => void): Problem | undefined {
  const wrong = text.search(/\D/);
  if (wrong >= 0) return ["BAD_CHARACTER", wrong, "a coupon has digits only"];
  const at = new Fields(text);
  try {
    fields(at);
  } catch (error) {
    if (error instanceof CouponProblem) return error.problem;
    throw error;
  }
  return at.rest === 0 ? undefined : ["TOO_LONG", at.offset, "the coupon has digits after its last field"];
}

/** North American coupon code, AI (8110), by the GS1 US coupon application guideline. */
export function couponCode(text: string, thisYear: number): Problem | undefined {
  return walk(text, (at) => {
    at.sized("0123456", 6, "company prefix");
    at.take(6, "offer code");
    at.sized("12345", 0, "save value");
    purchase(at, "first");
    if (at.option("1")) {
      at.digit("0123", "additional purchase rules code");
      purchase(at, "second");
      purchaseCompany(at, "second");
    }
    if (at.option("2")) {
      purchase(at, "third");
      purchaseCompany(at, "third");
    }
    const expiry = at.option("3") ? date(at, "expiration date", thisYear) : undefined;
    if (at.option("4")) {
      const start = date(at, "start date", thisYear);
      if (expiry !== undefined && start > expiry) {
        throw new CouponProblem(["BAD_DATE", at.offset - 6, "the coupon starts after it expires"]);
      }
    }
    if (at.option("5")) at.sized("0123456789", 6, "serial number");
    if (at.option("6")) at.sized("1234567", 6, "retailer company prefix or GLN");
    if (at.option("9")) {
      at.digit("01256", "save value code");
      at.digit("012", "save value applies to item");
      at.take(1, "store coupon flag");
      at.digit("01", "don't multiply flag");
    }
  });
}

/** North American positive offer file coupon code, AI (8112), by the GS1 AI (8112) coupon data specification. */
export function couponPositiveOffer(text: string): Problem | undefined {
  return walk(text, (at) => {
    at.digit("01", "format code");
    at.sized("0123456", 6, "funder ID");
    at.take(6, "offer code");
    at.sized("0123456789", 6, "serial number");
  });
}

function purchase(at: Fields, which: string): void {
  at.sized("12345", 0, `${which} purchase requirement`);
  at.digit("012349", `${which} purchase requirement code`);
  at.take(3, `${which} purchase family code`);
}

/** 9 says that there is none. */
function purchaseCompany(at: Fields, which: string): void {
  const name = `${which} purchase company prefix`;
  const length = at.digit("01234569", `length of the ${name}`);
  if (length !== 9) at.take(6 + length, name);
}

function date(at: Fields, name: string, thisYear: number): string {
  const start = at.offset;
  const text = at.take(6, name);
  const year = fullYear(digitsAt(text, 0, 2), thisYear);
  const problem = dateProblem(year, digitsAt(text, 2, 2), digitsAt(text, 4, 2), 2, false);
  if (problem !== undefined) throw new CouponProblem([problem[0], start + problem[1], `${name}: ${problem[2]}`]);
  return `${year}${text.slice(2)}`;
}
