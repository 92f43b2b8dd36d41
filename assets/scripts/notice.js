/* What the studio has to say about the last action: an error with its hint, a word of success, or that it works. */

import { el } from "./dom.js";

/** A notice as an element, from {kind: error | done | busy | info, message, hint}, with what can be done about it. */
export function drawNotice({ kind, message, hint }, ...actions) {
  const box = el("div", { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" });
  box.append(el("b", { text: message }));
  if (hint) box.append(el("span", { text: hint }));
  if (actions.length) box.append(el("span", { class: "ways" }, ...actions));
  return box;
}

/** A Problem (or any error) as a notice. */
export const drawProblem = (problem, ...actions) =>
  drawNotice({ kind: "error", message: problem.message, hint: problem.hint ?? "" }, ...actions);

/** A way to the stage that says more of it, if one does. */
const waysOf = ({ go }) =>
  go ? [el("a", { class: "button small", href: `?tab=${go}`, data: { go }, text: `Go to ${capital(go)}` })] : [];

const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** The view: shows the value that the last event of its tab left. */
export function notice({ element, props, watch }) {
  const box = element.querySelector("[data-notice]");
  let clock;

  function show(value) {
    clearInterval(clock);
    box.replaceChildren(...(value?.message ? [drawNotice(value, ...waysOf(value))] : []));
    if (value?.kind === "error") box.firstChild.scrollIntoView({ block: "nearest" });
  }

  function showBusy(text) {
    show({ kind: "busy", message: text, hint: "" });
    const seconds = box.firstChild.appendChild(el("span"));
    const started = Date.now();
    clock = setInterval(() => (seconds.textContent = `${Math.round((Date.now() - started) / 1000)} s`), 1000);
  }

  element
    .closest("[id]:not([id^=html-])")
    ?.addEventListener("studio:busy", (event) => showBusy(event.detail));
  watch("value", () => show(props.value));
  show(props.value);
}
