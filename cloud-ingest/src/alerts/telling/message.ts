import type { AlertMessage } from "@storeward/contracts";

/** A message as people read it. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

const WORDS: Readonly<Record<string, string>> = {
  "alert.opened": "ALERT",
  "alert.escalated": "STILL OPEN",
  "alert.closed": "OVER",
};

/** @param link where people reach the page, without a slash at its end */
export function mailText({ type, data }: AlertMessage, link: string | undefined): MailText {
  if (!("rule" in data)) return { subject: "Storeward: test", text: `${data.says}\n` };
  const { title, what, severity, since, openedAt, advice, evidence, places, closed } = data;
  const lines = [
    `${title}: ${what}`,
    "",
    `Severity:  ${severity}`,
    ...(places.length === 0 ? [] : [`Where:     ${places.map(({ path }) => path).join("; ")}`]),
    `Since:     ${since}`,
    `Opened:    ${openedAt}`,
    ...(closed === null ? [] : [`Over:      ${closed.at}. ${closed.why}`]),
    `Evidence:  ${evidence.says} (known up to ${evidence.judged})`,
    ...(evidence.unheard === undefined ? [] : [`Not heard: ${evidence.unheard.join(", ")}`]),
    ...(advice === null || closed !== null ? [] : ["", advice]),
    ...(link === undefined ? [] : ["", `${link}/alerts/${data.id}`]),
  ];
  return { subject: oneLine(`${WORDS[type] ?? "Alert"}: ${title}: ${what}`), text: `${lines.join("\n")}\n` };
}

const LONGEST_SUBJECT = 200;

/** What comes from outside ends no header. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, LONGEST_SUBJECT);
}
