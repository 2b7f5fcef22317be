import { bracketed, type Element } from "../gs1/element.js";
import type { Aidc } from "./aidc.js";
import { hexOfWords } from "./bits.js";
import { encodeEpc } from "./encode.js";
import { digitalLinkOf, elementsOf } from "./forms.js";
import type { EpcData, EpcForms } from "./identity.js";
import { pureIdentityUriOf, tagUriOf } from "./uri.js";

/** The data as own properties; every form is made when it is asked for. */
export class DecodedEpc implements EpcForms {
  readonly scheme: string;
  declare aidcToggle?: boolean;
  declare filter?: number;
  declare companyPrefixLength?: number;
  declare date?: Element;
  declare aidc?: Aidc;
  /** The memory it was decoded from. */
  #words: readonly number[] = [];
  #at = 0;
  #end = 0;

  constructor(scheme: string) {
    this.scheme = scheme;
  }

  remember(words: readonly number[], at: number, end: number): void {
    this.#words = words;
    this.#at = at;
    this.#end = end;
  }

  /** By name, because the machine learns where a property is from the place that writes it. */
  assign(name: string, value: string): void {
    const values = this as unknown as Record<string, string>;
    switch (name) {
      case "gtin":
        values.gtin = value;
        break;
      case "serial":
        values.serial = value;
        break;
      case "giai":
        values.giai = value;
        break;
      case "grai":
        values.grai = value;
        break;
      case "sscc":
        values.sscc = value;
        break;
      case "gln":
        values.gln = value;
        break;
      case "extension":
        values.extension = value;
        break;
      default:
        values[name] = value;
    }
  }

  get hex(): string {
    return hexOfWords(this.#words, this.#end);
  }

  get padding(): number {
    return this.#end - this.#at;
  }

  get canonical(): boolean {
    return withoutZeros(encodeEpc(this.#data)) === withoutZeros(this.hex);
  }

  get elements(): readonly Element[] {
    return elementsOf(this.#data);
  }

  get elementString(): string {
    return bracketed(this.elements);
  }

  get uri(): string | undefined {
    return pureIdentityUriOf(this.#data);
  }

  get tagUri(): string | undefined {
    return tagUriOf(this.#data);
  }

  get digitalLink(): string | undefined {
    return digitalLinkOf(this.#data);
  }

  toJSON(): object {
    const { hex, padding, canonical, elements, elementString, uri, tagUri, digitalLink } = this;
    return { ...this, hex, padding, canonical, elements, elementString, uri, tagUri, digitalLink };
  }

  get #data(): EpcData {
    return this as unknown as EpcData;
  }
}

function withoutZeros(hex: string): string {
  return hex.replace(/0+$/, "");
}
