import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  ITEM_NOT_FOUND: { template: "There is no such item", status: 404 },
  PLACE_NOT_FOUND: { template: "There is no such place", status: 404 },
  GTIN_CHECK_DIGIT: { template: "{gtin} is no GTIN: its check digit would have to be {digit}", status: 422 },
  PLACE_UNKNOWN: { template: "{code} is no place of this site", status: 422 },
  HOME_UNKNOWN: { template: "{home} is no place of this site", status: 422 },
  EPC_OF_OTHER_PRODUCT: { template: "EPC {epc} is of GTIN {tagged}, the item of GTIN {gtin}", status: 422 },
  EPC_OF_OTHER_ASSET: { template: "EPC {epc} is of GIAI {tagged}, the item of GIAI {giai}", status: 422 },
  EPC_OF_OTHER_UNIT: { template: "EPC {epc} has serial number {tagged}, the item {serial}", status: 422 },
  EPC_OF_PERSON: { template: "EPC {epc} is a badge or a wristband and belongs to no item", status: 422 },
  EPC_ON_OTHER_ITEM: { template: "EPC {epc} is on {name} (item {item}), which is another thing: {why}", status: 409 },
  EPC_TWICE: { template: "EPC {epc} is given twice, first by entry {first}", status: 422 },
  GIAI_TWICE: { template: "GIAI {giai} is given twice, first by entry {first}", status: 422 },
  UNIT_TWICE: {
    template: "GTIN {gtin} with serial number {serial} is given twice, first by entry {first}",
    status: 422,
  },
  ITEM_EXISTS: { template: "This is {name} (item {item}) already, by its {what}", status: 409 },
  GIAI_TAKEN: {
    template: "GIAI {giai} is {name} (item {item}), which has another tag: replace the tag there",
    status: 409,
  },
  UNIT_TAKEN: {
    template:
      "GTIN {gtin} with serial number {serial} is {name} (item {item}), which has another tag: replace the tag there",
    status: 409,
  },
});
