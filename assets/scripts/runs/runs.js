/* All fine-tunes of the workspace, the newest first; a click shows one. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { goTo } from "../place.js";
import { count, score } from "../words.js";

export function runList({ element, props, watch }) {
  const [card, body] = [element.querySelector("[data-card]"), element.querySelector("tbody")];
  let asked = 0;

  async function show() {
    const call = ++asked;
    const runs = Object.keys(props.value?.states ?? {}).length ? await getJson("runs").catch(() => []) : [];
    if (call !== asked) return;
    card.hidden = !runs.length;
    body.replaceChildren(...runs.map((run) => drawRun(run, run.run === props.value.run)));
  }

  watch("value", show);
  show();
}

function drawRun(run, shown) {
  const open = el("button", {
    class: "link",
    type: "button",
    "aria-current": shown ? "true" : null,
    "aria-label": `Show run ${run.run.slice(0, 8)}`,
  });
  open.append(el("code", { text: run.run.slice(0, 8) }));
  open.addEventListener("click", () => goTo({ tab: "finetune", run: run.run }));
  const { base, tuned } = run.metrics ?? {};
  const loss = base && tuned ? `${score(base.loss, 2)} → ${score(tuned.loss, 2)}` : "–";
  const cells = [
    nameSource(run.recipe?.source),
    run.state,
    run.steps ? `${count(run.step)} / ${count(run.steps)}` : "–",
    loss,
    readTime(run.started),
  ];
  return el("tr", { "aria-selected": shown }, el("td", {}, open), ...cells.map((text) => el("td", { text })));
}

const nameSource = (source) => source?.path ?? source?.hub ?? source?.url ?? "–";

function readTime(started) {
  const time = new Date(started);
  return Number.isNaN(time.getTime())
    ? "–"
    : time.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
