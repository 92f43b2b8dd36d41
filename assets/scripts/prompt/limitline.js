/* The line of the max length in the histogram: dragged, or moved with the keys. Says what it is moved to; where it
   stands, and what that means, it is told. */

import { el } from "../dom.js";
import { highestLength, lengthAt, moveLength, placeOf } from "./lengthscale.js";
import { LEAST_LENGTH } from "./tokenizer.js";
import { count } from "../words.js";

const RIGHT = 70; // percent from which on the name of the line stands at its left

/** A line in `plot`: {element, draw({value, scale, longest, words})}; `move(value, {moving})` is called as it moves. */
export function limitLine(plot, move) {
  const name = el("span", { "aria-hidden": "true" });
  const line = el("div", { class: "limit", role: "slider", tabindex: 0, "aria-label": "Max length" }, name);
  let at = null;

  function draw(next) {
    at = next;
    const { value, scale, longest, words } = next;
    const place = placeOf(scale, value);
    line.style.left = `${place}%`;
    line.classList.toggle("left", place > RIGHT);
    name.textContent = value > scale.high ? `max ${count(value)} →` : `max ${count(value)}`;
    line.setAttribute("aria-valuemin", LEAST_LENGTH);
    line.setAttribute("aria-valuemax", highestLength(value, longest));
    line.setAttribute("aria-valuenow", value);
    line.setAttribute("aria-valuetext", words);
  }

  function drag(event, moving) {
    const { left, width } = plot.getBoundingClientRect();
    move(lengthAt(at.scale, (100 * (event.clientX - left)) / width), { moving });
  }

  line.addEventListener("pointerdown", (event) => {
    if (!at || event.button) return;
    line.setPointerCapture(event.pointerId);
    line.classList.add("dragged");
  });
  line.addEventListener("pointermove", (event) => {
    if (line.hasPointerCapture(event.pointerId)) drag(event, true);
  });
  line.addEventListener("pointerup", (event) => {
    if (line.hasPointerCapture(event.pointerId)) drag(event, false);
  });
  line.addEventListener("lostpointercapture", () => line.classList.remove("dragged"));
  line.addEventListener("keydown", (event) => {
    const value = at && moveLength(event.key, at.value, at.scale, at.longest);
    if (value === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (value !== at.value) move(value, { moving: false });
  });
  return { element: line, draw };
}
