/* The frame of the Quality panel: its head, places for what was looked at, the findings and the options. */

import { el, icon } from "../dom.js";

const CROSS = "m4 4 8 8M12 4l-8 8";
const HEURISTICS = "Heuristics, not verdicts: each record may be right as it is.";

/** Puts the frame into `panel`; `on.close` and `on.stop` are for its buttons. Returns its places by name. */
export function drawFrame(panel, on) {
  const title = el("h2", { tabindex: -1, text: "Quality" });
  const sum = el("p", { class: "quiet", role: "status" });
  const bar = el("progress", { "aria-label": "Records looked at" });
  const far = el("span", { class: "quiet" });
  const stop = el("button", { class: "button small", type: "button", text: "Stop", on: { click: on.stop } });
  const work = el("div", { class: "quality-work", hidden: true }, bar, far, stop);
  const columns = el("p", { class: "quiet quality-columns" });
  const told = el("div", { class: "quality-told" });
  const found = el("ul", { class: "quality-findings", role: "list", "aria-label": "Findings" });
  const clear = el("details", { class: "quality-clear" }, el("summary"), el("ul", { role: "list" }));
  const skipped = el("details", { class: "quality-clear" }, el("summary"), el("ul", { role: "list" }));
  const options = el("ul", { class: "quality-options", role: "list", "aria-label": "Look for more" });
  const more = el("section", { class: "quality-more" }, el("h3", { text: "Look for more" }), options);
  const note = el("p", { class: "quiet quality-note", text: HEURISTICS });
  const done = el("div", { class: "quality-told" });
  const known = el("div", { class: "quality-known", hidden: true }, columns, note, found, clear, skipped, more);
  panel.replaceChildren(
    el("header", {}, el("div", { class: "quality-title" }, title, sum), icon(CROSS, "Close Quality", on.close)),
    el(
      "div",
      { class: "quality-body", tabindex: 0, role: "region", "aria-label": "What was found" },
      work,
      told,
      done,
      known,
    ),
  );
  return { title, sum, work, bar, far, columns, told, done, known, found, clear, skipped, options, more };
}
