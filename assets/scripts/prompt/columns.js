/* The column map: one choice per placeholder, shown once a placeholder is no column or is mapped. */

import { mapColumn, onWork, work } from "./work.js";
import { el } from "../dom.js";

export function columnMap(element) {
  const [card, box] = [element.querySelector("[data-card]"), element.querySelector("[data-map]")];
  let drawn = "";

  function draw() {
    const columns = (work.known?.names ?? []).map(({ name }) => name);
    const seen = work.preview?.placeholders ?? [];
    const placeholders = seen.length ? seen : (work.known?.placeholders ?? []);
    card.hidden = placeholders.every(({ name, column }) => name === column);
    const now = JSON.stringify([placeholders, columns]);
    if (now === drawn) return; // a choice that is open stays open
    drawn = now;
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.placeholder : null;
    const lines = placeholders.map((placeholder) => row(placeholder, columns));
    box.replaceChildren(...lines);
    if (focused != null)
      [...box.querySelectorAll("select")].find((one) => one.dataset.placeholder === focused)?.focus();
  }

  function row({ name, column }, columns) {
    const select = el("select", { "aria-label": `Column for ${name}`, data: { placeholder: name } });
    const choices = columns.map((text) => el("option", { value: text, text }));
    select.append(el("option", { value: "", text: "choose a column" }), ...choices);
    select.value = column;
    select.addEventListener("change", () => mapColumn(name, select.value));
    return el("label", {}, el("code", { text: `{${name}}` }), el("span", { text: "←" }), select);
  }

  onWork("known", draw);
  onWork("preview", draw);
}
