import { useState } from "preact/hooks";
import type { AlertDocuments, AsRead } from "../../api/client.js";
import { useApp } from "../../app/app.js";

/** Which of a list is being written, as it is set now and not as the list still shows it; "new"; null: none. */
export function useEditing<L extends keyof AlertDocuments>(list: L, setError: (error: unknown) => void) {
  const { client } = useApp();
  const [editing, setEditing] = useState<AsRead<AlertDocuments[L]> | "new" | null>(null);
  const edit = (id: string) => void client.alertDocument(list, id).then(setEditing, setError);
  return { editing, edit, make: () => setEditing("new"), close: () => setEditing(null) };
}
