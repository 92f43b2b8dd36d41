/* The column map: one choice per placeholder, shown once a placeholder is no column or is mapped. */

import { el } from "../dom.js";

export function columnMap({ element, props, trigger, watch }) {
  const [card, box] = [element.querySelector("[data-card]"), element.querySelector("[data-map]")];

  function draw() {
    const { placeholders = [], columns = [] } = props.value ?? {};
    card.hidden = placeholders.every(({ name, column }) => name === column);
    box.replaceChildren(...placeholders.map((placeholder) => row(placeholder, columns)));
  }

  function row({ name, column }, columns) {
    const select = el("select", { "aria-label": `Column for ${name}` });
    const choices = columns.map((text) => el("option", { value: text, text }));
    select.append(el("option", { value: "", text: "choose a column" }), ...choices);
    select.value = column;
    select.addEventListener("change", () => trigger("map", { placeholder: name, column: select.value }));
    return el("label", {}, el("code", { text: `{${name}}` }), el("span", { text: "←" }), select);
  }

  watch("value", draw);
  draw();
}
