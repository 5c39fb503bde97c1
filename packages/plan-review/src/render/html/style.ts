/** How the page of a review looks: light and dark, wide and narrow, on paper. Colour never says anything alone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --sunk: #f6f8fa; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --link: #0757b5;
  --danger: #b3181f; --danger-page: #fff1f0; --danger-line: #f3b4b0; --stamp: #b3181f;
  --caution: #7a4b00; --caution-page: #fff8e1; --caution-line: #e6c878;
  --added: #11642b; --added-page: #e3f8e7; --removed: #a01319; --removed-page: #ffebe9; --other-page: #eef3fb;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --sunk: #161b22; --text: #e6edf3; --quiet: #9ea7b1; --line: #30363d; --link: #79b8ff;
    --danger: #ff8f87; --danger-page: #2a1214; --danger-line: #6e2b2c; --stamp: #a4161c;
    --caution: #eac060; --caution-page: #221a08; --caution-line: #5c4814;
    --added: #6fdd8b; --added-page: #0f2a18; --removed: #ff9a93; --removed-page: #331517; --other-page: #151f2e;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
body > header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
h1, h2, h3, p, dl, dd, ol, ul, pre { margin: 0; padding: 0; }
h1 { font-size: 1rem; font-weight: 600; color: var(--quiet); padding: 1.25rem 0 .5rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 2.25rem 0 .25rem; }
h3 { font-size: 1rem; display: inline; }
h2 .number, h3 .number { color: var(--quiet); font-weight: 400; margin-left: .35rem; }
a { color: var(--link); }
code, pre, .address, .what { font-family: var(--mono); font-size: .8667rem; }
code, .address, .what, .text, .lines span { overflow-wrap: anywhere; unicode-bidi: isolate; }
[hidden] { display: none !important; }
.away { content-visibility: hidden; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; z-index: 2; background: var(--page); padding: .25rem .75rem; }
.quiet { color: var(--quiet); }
.aside { color: var(--quiet); max-width: 46rem; }

.verdict { border: 1px solid var(--line); border-left: 6px solid var(--line); border-radius: 6px; padding: .9rem 1.1rem; }
.verdict .word { font-size: 1.5rem; font-weight: 700; line-height: 1.25; }
.verdict.dangerous { border-color: var(--stamp); background: var(--stamp); color: #fff; }
.verdict.nothing { border-left-color: var(--added); }
.verdict.changes { border-left-color: var(--link); }

nav ul { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; list-style: none; padding: .75rem 0 0; }
table { border-collapse: collapse; margin-top: .75rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; } thead th { color: var(--quiet); font-size: .8667rem; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th code { display: block; max-width: 20rem; white-space: normal; font-weight: 400; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
td.none { color: var(--quiet); } td.danger { color: var(--danger); font-weight: 700; }
.scroll { overflow-x: auto; }

#tools {
  position: sticky; top: 0; z-index: 1; background: var(--page); border-bottom: 1px solid var(--line);
  display: flex; flex-wrap: wrap; gap: .5rem .6rem; align-items: center; padding: .6rem 0; margin-top: 1.25rem;
}
#tools label { font-weight: 600; }
#tools input { flex: 1 1 16rem; min-width: 0; }
#tools input, #tools button {
  font: inherit; color: inherit; background: var(--page); border: 1px solid #818b98; border-radius: 6px; padding: .25rem .6rem;
}
#tools button { background: var(--sunk); cursor: pointer; }
#tools output { color: var(--quiet); flex-basis: 100%; }
#tools output:empty { display: none; }

.entries { list-style: none; margin-top: .6rem; border: 1px solid var(--line); border-radius: 6px; overflow: clip; }
.many { content-visibility: auto; contain-intrinsic-size: auto 220rem; }
.many + .many { margin-top: 0; }
.entries > li + li { border-top: 1px solid var(--line); }
.entries.caution { border-color: var(--caution-line); border-left: 6px solid var(--caution-line); }
summary { display: block; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▸"; display: inline-block; width: 1.1rem; color: var(--quiet); }
details[open] > summary::before { content: "▾"; }
.row { display: flex; align-items: baseline; gap: 0 .75rem; padding: .35rem .75rem; }
.row::before { flex: none; width: 1.1rem; margin-right: -.75rem; }
div.row::before { content: ""; }
summary.row:hover { background: var(--sunk); }
summary.row:focus-visible { outline-offset: -3px; }
.caution summary.row { background: var(--caution-page); }
.action { flex: none; width: 5.6rem; font-weight: 600; font-size: .8667rem; white-space: nowrap; }
.action b { display: inline-block; width: 1.2rem; text-align: center; font-family: var(--mono); }
.create, .import { color: var(--added); } .delete, .replace { color: var(--removed); } .forget { color: var(--caution); }
.update, .move { color: var(--link); }
.address { min-width: 0; color: var(--text); } .address .type { color: var(--quiet); } .address b { font-weight: 600; }
.gist {
  flex: 1 1 8rem; min-width: 0; color: var(--quiet); font-size: .8667rem; text-align: right;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.row .source { flex: none; margin-left: auto; color: var(--quiet); font-size: .8667rem; }
.gist + .source { margin-left: 0; }
.body { padding: .35rem .75rem .9rem 1.85rem; border-top: 1px dashed var(--line); }
.group { margin-top: .75rem; }
.group > summary { padding: .2rem 0; }

.cards { list-style: none; }
.cards > li {
  border: 2px solid var(--stamp); border-left-width: 10px; border-radius: 6px; background: var(--danger-page);
  margin-top: .75rem; padding: .9rem 1.1rem;
}
.cards.many { contain-intrinsic-size: auto 1500rem; }
.card-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem .75rem; }
.card-head h3 { min-width: 0; }
.card-head .address { font-size: 1rem; }
.stamp {
  background: var(--stamp); color: #fff; border-radius: 4px; padding: .05rem .55rem; font-weight: 700;
  font-size: .8667rem; letter-spacing: .03em; white-space: nowrap;
}
.card-head .source { margin-left: auto; color: var(--quiet); font-size: .8667rem; }
.means { font-size: 1.05rem; font-weight: 600; color: var(--danger); margin-top: .45rem; max-width: 52rem; }
.cards details { margin-top: .6rem; }
.cards summary { color: var(--text); width: fit-content; }

dl > div { display: grid; grid-template-columns: minmax(8rem, 15rem) minmax(0, 1fr); gap: 0 1rem; padding: .22rem 0; }
dl.facts { margin-top: .5rem; }
dl.facts > div { padding: .08rem 0; }
dl.facts dt { color: var(--quiet); }
.differences { margin-top: .35rem; }
.differences > div + div { border-top: 1px solid var(--line); }
.cards .differences > div + div { border-color: var(--danger-line); }
.differences dt { padding-top: .02rem; }
.text { font-family: var(--mono); font-size: .8667rem; white-space: pre-wrap; }
.was { color: var(--removed); } .now { color: var(--added); } .arrow { color: var(--quiet); padding: 0 .35rem; }
.forces { font-weight: 700; color: var(--danger); white-space: nowrap; font-size: .8667rem; }
.lines { margin-top: .3rem; border: 1px solid var(--line); border-radius: 4px; overflow: clip; background: var(--page); }
.lines span { display: block; white-space: pre-wrap; padding: 0 .6rem 0 2.1rem; text-indent: -1.5rem; min-height: 1.5em; }
.lines .added { background: var(--added-page); color: var(--added); }
.lines .removed { background: var(--removed-page); color: var(--removed); }
.lines .other { background: var(--other-page); }
.folded { color: var(--quiet); font-size: .8667rem; margin-top: .5rem; }
.notes { padding-left: 1.2rem; margin-top: .5rem; max-width: 52rem; }
.notes li { margin: .2rem 0; }
footer { color: var(--quiet); font-size: .8667rem; padding-top: 2.5rem; padding-bottom: 2rem; }
kbd { font-family: var(--mono); border: 1px solid var(--line); border-radius: 3px; padding: 0 .3rem; }

@media (max-width: 46rem) {
  body > header, main, footer { padding: 0 .85rem; }
  .row { flex-wrap: wrap; } .row .address { flex: 1 1 12rem; } .gist { flex-basis: 100%; text-align: left; padding-left: 1.1rem; }
  .row .source { margin-left: 1.1rem; }
  .body { padding-left: .75rem; }
  dl > div { grid-template-columns: minmax(0, 1fr); }
  #tools { position: static; }
}
@media (forced-colors: active) { .stamp, .verdict { border: 2px solid; } }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; } #tools, .skip, nav, footer kbd { display: none !important; }
  details::details-content { content-visibility: visible; display: block; }
  .many { content-visibility: visible; }
  .cards > li, .differences > div { break-inside: avoid; } h2, h3, summary { break-after: avoid; }
  .verdict, .stamp, .lines span { print-color-adjust: exact; }
  .gist { display: none; }
}
`;
