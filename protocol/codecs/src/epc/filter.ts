import { type SchemeName, schemes } from "./schemes.js";

const OTHERS = "All Others";

/** TDS 2.3 tables 10-1 to 10-11, and the guide of the DoD; what is not named is reserved. */
const ITEM = [
  OTHERS,
  "Point of Sale (POS) Trade Item",
  "Full Case for Transport",
  undefined,
  "Inner Pack Trade Item Grouping for Handling",
  undefined,
  "Unit Load",
  "Unit inside Trade Item or component inside a product not intended for individual sale",
];
const words: Readonly<Record<string, readonly (string | undefined)[]>> = {
  sgtin: ITEM,
  sscc: [OTHERS, undefined, "Full Case for Transport", undefined, undefined, undefined, "Unit Load"],
  giai: [OTHERS, "Rail Vehicle"],
  gdti: [OTHERS, "Travel Document"],
  usdod: ["Pallet", "Case", "Unit Pack"],
};

const ADI: ReadonlyMap<number, string> = new Map([
  [0, OTHERS],
  [1, "Item, other than an item to which filter values 8 through 63 apply"],
  [2, "Carton"],
  [6, "Pallet"],
  [8, "Seat cushions"],
  [9, "Seat covers"],
  [10, "Seat belts"],
  [11, "Galley, Galley carts and other Galley Service Equipment"],
  [12, "Unit Load Devices, cargo containers"],
  [13, "Aircraft Security items"],
  [14, "Life vests"],
  [15, "Oxygen generators"],
  [16, "Engine components"],
  [17, "Avionics"],
  [18, "Experimental (flight test) equipment"],
  [19, "Other emergency equipment"],
  [20, "Other rotables"],
  [21, "Other repairable"],
  [22, "Other cabin interior"],
  [23, "Other repair"],
  [24, "Passenger Seats (structure)"],
  [25, "In-Flight Entertainment Systems"],
  [56, "Location Identifier"],
  [57, "Documentation"],
  [58, "Tools"],
  [59, "Ground Support Equipment"],
  [60, "Other Non-flyable equipment"],
  [61, "Reserved for internal company use"],
  [62, "Reserved for internal company use"],
  [63, "Reserved for internal company use"],
]);

/** What a filter value says of the object, in the words of the standard; "Reserved" for those without a meaning yet. */
export function filterMeaning(scheme: SchemeName, filter: number): string {
  const { identifier } = schemes[scheme];
  const meaning = identifier === "adi" ? ADI.get(filter) : (words[identifier] ?? [OTHERS])[filter];
  return meaning ?? "Reserved";
}
