import { defineErrors } from "@storeward/runtime";

export const E = defineErrors({
  TAG_ON_OTHER_ITEM: {
    template: "Tag {epc} is on {name} (item {item}) since {since}: retire it there first",
    status: 409,
  },
  TAG_WAS_ON_ITEM: {
    template: "Tag {epc} was on {name} (item {item}) until {until}: it can be bound since then, not before",
    status: 409,
  },
  TAG_NOT_ON_ITEM: { template: "Tag {epc} is not on this item", status: 409 },
  TAG_BOUND_LATER: { template: "Tag {epc} is on this item since {since}, and cannot be retired before", status: 409 },
  TAG_OF_PERSON: { template: "Tag {epc} is a badge or a wristband and belongs to no item", status: 422 },
  TAG_ERASED: { template: "The tag has been erased: there is nothing to bind or retire any more", status: 409 },
  ACT_OVERTAKEN: {
    template:
      "By its device's clock this was done at {at}, and not at {was}; but then what {by} did since would not have been possible ({code}). Until it is decided it stays as it was",
    status: 409,
  },
  ACT_IMPOSSIBLE: { template: "What {actor} has done could not have been done ({code})", status: 409 },
  TOO_MUCH_SINCE: {
    template:
      "More than {most} acts hang together with this one, and are not done again. Until it is decided it stays as it was",
    status: 409,
  },
  VALID_IN_FUTURE: {
    template: "A tag cannot be bound or retired since {validFrom}, which is still to come",
    status: 422,
  },
});
