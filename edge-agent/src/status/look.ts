/** The page's style and its one script: in the page itself, for there is no other file. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #f6f7f9; --card: #fff; --text: #17202b; --soft: #5a6675; --line: #dde2e8;
  --good: #1a7f4b; --warn: #8a5a00; --bad: #b3261e; --tint: #e9f5ee; --bad-tint: #fdeceb; }
@media (prefers-color-scheme: dark) { :root { --bg: #11161c; --card: #1a212a; --text: #e6ebf1; --soft: #98a4b3; --line: #2c3642;
  --good: #5fd08f; --warn: #e9b452; --bad: #ff8a80; --tint: #16301f; --bad-tint: #3a1d1b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; padding-top: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0; }
.soft, footer { color: var(--soft); font-size: .875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: 1rem 0; }
.well { background: var(--tint); } .unwell { background: var(--bad-tint); }
.well h2 { color: var(--good); } .unwell h2 { color: var(--bad); }
.card ul { margin: .5rem 0 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.state::before { content: "● "; } .watching { color: var(--good); } .doubtful, .connecting { color: var(--warn); }
.blind, .stopped { color: var(--bad); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem 1.5rem; margin: .5rem 0 0; }
dt { color: var(--soft); font-size: .875rem; } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin-top: .5rem; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .875rem; }
th, td { padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border-top: 0; }
.right { text-align: right; } .state, td:not([data-label=State]) { white-space: nowrap; } meter { width: 5rem; vertical-align: middle; margin-right: .5rem; }
footer { padding-bottom: 2rem; } a { color: inherit; }
@media (max-width: 40rem) {
  table, tbody, thead, caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0; }
  td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .1rem 0; text-align: right; }
  td::before { content: attr(data-label); color: var(--soft); text-align: left; }
}
`;

/** Every few seconds the page's own content anew, unless somebody is selecting in it or looks elsewhere. */
export const SCRIPT = `
const late = document.getElementById("late");
setInterval(async () => {
  if (document.hidden || !getSelection().isCollapsed) return;
  try {
    const answer = await fetch("/", { signal: AbortSignal.timeout(4000) });
    if (!answer.ok) throw new Error(answer.statusText);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["facts", "moment"]) document.getElementById(id).replaceWith(next.getElementById(id));
    const said = document.getElementById("said"), saying = next.getElementById("said");
    if (said.innerHTML !== saying.innerHTML) { said.innerHTML = saying.innerHTML; said.className = saying.className; }
    document.title = next.title;
    late.hidden = true;
  } catch { late.hidden = false; }
}, 5000);
`;
