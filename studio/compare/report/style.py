"""The style sheet of a report: the colours of the page, light and dark, on screen and on paper."""

STYLE = """
:root { color-scheme: light dark;
  --ground: #f9f9fb; --card: #fff; --line: #e8e8ec; --soft: #f3f3f6; --ink: #1c2024; --quiet: #60646c;
  --iris: #5753c6; --iris-soft: #f0f1fe; --better: #1b7a60; --better-soft: #e6f7ed; --worse: #c6203c;
  --worse-soft: #feebec; --warn: #8f5600; --warn-soft: #fff7c2; --mark: #d6f1e3;
  --ring: 0 1px 2px rgba(0,0,51,.05), 0 0 0 1px rgba(0,0,51,.06); }
@media (prefers-color-scheme: dark) { :root {
  --ground: #111113; --card: #18191b; --line: #2e3135; --soft: #212225; --ink: #edeef0; --quiet: #b0b4ba;
  --iris: #b1a9ff; --iris-soft: #202248; --better: #1fd8a4; --better-soft: #0f2e22; --worse: #ff9592;
  --worse-soft: #3b1219; --warn: #ffca16; --warn-soft: #302008; --mark: #0b3b2c;
  --ring: 0 0 0 1px rgba(217,237,254,.09); } }
* { box-sizing: border-box; margin: 0; }
body { background: var(--ground); color: var(--ink); padding: 40px 20px 72px; overflow-wrap: anywhere;
  font: 14px/1.55 Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main, body > header, body > footer { max-width: 1040px; margin-inline: auto; }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -.02em; font-weight: 680; }
h2 { font-size: 16px; letter-spacing: -.01em; font-weight: 640; }
h3 { font-size: 13px; font-weight: 620; }
small, .quiet { color: var(--quiet); }
.over { color: var(--quiet); font-size: 12px; font-weight: 560; letter-spacing: .02em; margin-bottom: 6px; }
.pills { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 12px; }
.pill { padding: 2px 10px; border-radius: 999px; background: var(--soft); color: var(--quiet);
  font-size: 12px; font-weight: 540; }
.pill.demo { background: var(--warn-soft); color: var(--warn); }
section { background: var(--card); border-radius: 14px; box-shadow: var(--ring); margin-top: 18px;
  overflow: hidden; }
section > header { padding: 16px 22px 0; }
section > header p { color: var(--quiet); font-size: 13px; margin-top: 2px; max-width: 74ch; }
.body { padding: 14px 22px 20px; }
.verdict { padding: 22px 24px; border-left: 5px solid var(--quiet); }
section.verdict { color: var(--ink); }
.verdict.better { border-color: var(--better); } .verdict.worse { border-color: var(--worse); }
.verdict p { font-size: 19px; line-height: 1.45; font-weight: 560; letter-spacing: -.01em; max-width: 62ch; }
.verdict ul { margin-top: 12px; padding-left: 18px; color: var(--quiet); }
.scroll { overflow-x: auto; margin-top: 10px; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--iris); outline-offset: -2px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 8px 10px; text-align: left; border-top: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { padding-left: 22px; } th:last-child, td:last-child { padding-right: 22px; }
thead :is(th, td) { border-top: 0; color: var(--quiet); font-size: 12px; font-weight: 560; }
tbody th { font-weight: 580; } tbody th small { display: block; font-weight: 400; font-size: 12px; }
td.n, th.n { text-align: right; }
td.value { white-space: normal; min-width: 140px; }
.better { color: var(--better); } .worse { color: var(--worse); }
.unclear, .same, .differs, .few { color: var(--quiet); }
.interval { width: 124px; height: 18px; display: block; fill: currentColor; }
.interval rect { opacity: .34; } .interval .zero { stroke: var(--line); stroke-width: 1.5; }
.judged { font-size: 12px; font-weight: 560; }
figure svg { width: 100%; height: auto; display: block; }
figure .grid { stroke: var(--line); } figure text { fill: var(--quiet); font-size: 9.5px; }
figure polyline { fill: none; stroke-linejoin: round; }
polyline.train { stroke: var(--quiet); stroke-width: 1; opacity: .55; }
polyline.validation { stroke: var(--iris); stroke-width: 1.6; }
circle.validation { fill: var(--iris); stroke: var(--card); stroke-width: 1.5; }
figcaption { display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--quiet); font-size: 12.5px;
  margin-bottom: 8px; }
.key::before { content: ""; display: inline-block; width: 16px; height: 2px; margin: 0 7px 4px 0;
  background: currentColor; vertical-align: middle; }
.key.validation { color: var(--iris); }
details { border-top: 1px solid var(--line); }
summary { display: flex; gap: 12px; align-items: baseline; padding: 10px 22px; cursor: pointer;
  list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "›"; color: var(--quiet); font-size: 16px; line-height: 1; }
details[open] > summary::before { transform: rotate(90deg); }
summary:hover { background: var(--soft); }
summary b { font-weight: 580; white-space: nowrap; }
summary .first { flex: 1; min-width: 0; color: var(--quiet); overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
summary .n { white-space: nowrap; font-variant-numeric: tabular-nums; font-size: 13px; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1px; background: var(--line);
  border-top: 1px solid var(--line); }
.side { background: var(--card); padding: 12px 22px 16px; min-width: 0; }
.side.after { background: color-mix(in srgb, var(--better-soft) 45%, var(--card)); }
.side h3 { display: flex; justify-content: space-between; gap: 12px; color: var(--quiet); }
.side h3 small { font-weight: 400; }
.text, pre { font: 12.5px/1.6 "JetBrains Mono", ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; margin-top: 6px; }
mark { background: var(--mark); color: inherit; border-radius: 3px; }
.none { color: var(--quiet); font-style: italic; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 24px; }
dt { color: var(--quiet); } dd { min-width: 0; }
code { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.read dt { color: var(--ink); font-weight: 580; } .read dd { color: var(--quiet); }
body > footer { margin-top: 22px; color: var(--quiet); font-size: 12.5px; }
@media (max-width: 640px) { body { padding: 22px 12px 48px; } h1 { font-size: 22px; }
  .sides, dl { grid-template-columns: minmax(0, 1fr); } dl { gap: 2px; } dd { margin-bottom: 8px; }
  .verdict p { font-size: 17px; } summary .first { display: none; } summary { justify-content: start; }
  section > header, .body, .side, summary { padding-inline: 16px; } figure text { font-size: 17px; }
  .scores thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .scores tr { display: grid; grid-template-columns: max-content max-content 1fr max-content;
    gap: 2px 8px; align-items: baseline; padding: 10px 16px; border-top: 1px solid var(--line); }
  .scores tr > :is(th, td) { display: block; padding: 0; border: 0; white-space: normal; text-align: left; }
  .scores tr > :is(th, .value) { grid-column: 1 / -1; } .scores td.after::before { content: "→ "; }
  .scores td.change { text-align: right; } .scores td.drawn { grid-column: 1 / 3; }
  .scores td.range { grid-column: 3 / -1; text-align: right; }
  .scores td.count { grid-column: 1 / -1; color: var(--quiet); }
  .scores td.count::before { content: "Records: "; }
}
@media print { body { background: #fff; padding: 0; } section { box-shadow: none; border: 1px solid #ddd;
  break-inside: auto; } details, tr { break-inside: avoid; } }
"""
