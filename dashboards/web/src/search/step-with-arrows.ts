/** Up and down go through the links of a list, as in every list of results; up from the first goes back to the search. */
export function stepWithArrows(event: KeyboardEvent) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const root = event.target instanceof Element ? event.target.closest("[data-results]") : null;
  if (root === null) return;
  const links = [...root.querySelectorAll<HTMLElement>("a")];
  const at = links.findIndex((link) => document.activeElement?.isSameNode(link) === true);
  if (at === -1) return;
  const next = event.key === "ArrowDown" ? links[at + 1] : links[at - 1];
  event.preventDefault();
  if (next !== undefined) next.focus();
  else if (event.key === "ArrowUp") document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
}
