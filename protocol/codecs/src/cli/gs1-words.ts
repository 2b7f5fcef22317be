/** What identifiers mean to whoever holds the package, where the data title does not say it. */
const words: Readonly<Record<string, string>> = {
  "00": "logistic unit (pallet, case)",
  "01": "trade item",
  "02": "trade items contained",
  "03": "made-to-order trade item",
  "10": "lot",
  "11": "made",
  "13": "packed",
  "15": "best before",
  "16": "sell by",
  "17": "use by",
  "20": "variant",
  "21": "serial number",
  "22": "consumer product variant",
  "30": "number of pieces",
  "37": "number of trade items contained",
  "240": "supplier's other number for it",
  "241": "the customer's own number for it",
  "250": "serial number of a part",
  "400": "purchase order",
  "410": "deliver to",
  "414": "location",
  "254": "part of the location, a bin",
  "710": "German drug number (PZN)",
  "711": "French drug number (CIP)",
  "712": "Spanish drug number (CN)",
  "713": "Brazilian drug number (DRN)",
  "714": "Portuguese drug number (AIM)",
  "715": "United States drug number (NDC)",
  "716": "Italian drug number (AIC)",
  "7003": "use by, with time",
  "7004": "active potency",
  "7240": "trial protocol",
  "8003": "returnable asset (tray)",
  "8004": "single asset (instrument, equipment)",
  "8013": "product family (Basic UDI-DI)",
  "8014": "Master UDI-DI",
  "8017": "staff badge",
  "8018": "patient wristband",
  "+": "product and package level",
  "=/": "product",
  "=,": "serial number, division",
  "=": "donation",
};

const MONTHS = "January February March April May June July August September October November December".split(" ");

export function wordsOf(ai: string): string | undefined {
  return words[ai];
}

/** '2027-05-31T14:00' as "31 May 2027, 14:00". */
export function dateInWords(date: string): string {
  return date
    .split("/")
    .map((one) => {
      const [day = "", time] = one.split("T");
      const [year, month, dayOfMonth] = day.split("-");
      return `${Number(dayOfMonth)} ${MONTHS[Number(month) - 1]} ${year}${time === undefined ? "" : `, ${time}`}`;
    })
    .join(" to ");
}
