import { t } from "../messages/index.js";

/** Metres from where the reader is; nothing where that is not known. */
export function Distance({ metres }: { metres: number | null }) {
  return metres === null ? null : <span class="distance num">{t.search.metres(metres)}</span>;
}
