/* The chip in the top bar that shows the running fine-tune on every stage, and how many wait behind it. It asks the server
   now and then: a stream of events would take one of the few connections that a browser has for all its tabs. */

import { getJson } from "../api.js";
import { goTo } from "../place.js";
import { tellActive } from "../runs/tell.js";

const [BUSY, IDLE] = [3000, 15_000]; // ms between two looks, while a run is at work and while none is

export function watchJobChip(element) {
  const chip = element.querySelector("[data-job]");
  const bar = chip.querySelector(".bar i");
  const words = chip.querySelector("[data-words]");
  let [run, asked, clock] = ["", 0, 0];

  async function look() {
    clearTimeout(clock);
    const call = ++asked;
    const runs = document.hidden ? null : await getJson("runs", { active: true }).catch(() => null);
    if (call !== asked) return;
    if (runs?.length) show(runs);
    else if (runs && run) await end();
    clock = setTimeout(look, run ? BUSY : IDLE);
  }

  function show(runs) {
    const { text, share, shown } = tellActive(runs);
    run = shown;
    draw(text, share);
  }

  /** Says once how the last one ended, and then nothing: its panel says more. */
  async function end() {
    const last = await getJson(`runs/${run}`).catch(() => null);
    if (last) draw(last.state, last.state === "succeeded" ? 1 : last.step / Math.max(1, last.steps));
    else chip.hidden = true;
    if (last) chip.dataset.state = last.state;
    run = "";
  }

  function draw(text, share) {
    chip.hidden = false;
    delete chip.dataset.state;
    words.textContent = text;
    bar.style.width = `${Math.round(100 * share)}%`;
    chip.setAttribute("aria-label", `Fine-tune: ${text}. Open it.`);
    chip.dataset.run = run || chip.dataset.run;
  }

  chip.addEventListener("click", () => goTo({ tab: "finetune", run: chip.dataset.run }));
  document.addEventListener("visibilitychange", () => document.hidden || look());
  return { draw: look };
}
