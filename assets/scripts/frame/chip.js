/* The chip in the top bar that shows a running fine-tune on every stage. */

import { goTo } from "../place.js";
import { isFinal, watchRun } from "../runs/run.js";

export function watchJobChip(element) {
  const chip = element.querySelector("[data-job]");
  const bar = chip.querySelector(".bar i");
  const words = chip.querySelector("[data-words]");
  let run = "";

  function show(text, share) {
    words.textContent = text;
    bar.style.width = `${Math.round(100 * share)}%`;
    chip.setAttribute("aria-label", `Fine-tune: ${text}. Open it.`);
  }

  function onEvent(event) {
    if (event.event === "scoring") show("scoring", 1);
    if (event.event !== "progress" || !event.steps) return;
    const share = Math.min(1, event.step / event.steps);
    show(`${Math.round(100 * share)} %`, share);
  }

  function draw(running) {
    if (!running || running === run) return;
    run = running;
    chip.hidden = false;
    show("starting", 0);
    watchRun(run, {
      onEvent: (event) => running === run && onEvent(event),
      onState: (state) => running === run && isFinal(state.state) && show(state.state, 1),
    });
  }

  chip.addEventListener("click", () => goTo({ tab: "finetune", run }));
  return { draw };
}
