/* The file that the records are put into, and the names that its fields have there. */

import { change, settled, work } from "./work.js";
import { debounce, el } from "../dom.js";
import { drawProblem } from "../notice.js";

const KEEP = 400; // ms of quiet before a name is kept

/** Draws into the room of the card: {draw, drawRefused, flush}. */
export function fileFields(room) {
  const select = el("select", { "aria-label": "File type" });
  const about = el("small", { class: "about-file" });
  const names = el("div", {
    class: "entries field-names",
    role: "group",
    "aria-label": "Names of the fields",
  });
  const refused = el("div", { "aria-live": "polite" });
  const file = el("label", { class: "entry" }, "File type", select, about);
  room.replaceChildren(file, names, refused);
  let [drawn, pending] = ["", false];

  function draw() {
    const { files, file: chosen, format, formats } = work.known;
    const options = files.map(({ name, label, reason }) =>
      el("option", { value: name, text: label, title: reason || null, disabled: Boolean(reason) }),
    );
    select.replaceChildren(...options);
    select.value = chosen;
    const { reason, description } = files.find(({ name }) => name === chosen);
    about.textContent = reason || description;
    const { fields, turns } = formats.find(({ name }) => name === format);
    const all = [...fields, ...turns];
    const key = `${work.table} ${format} ${all}`;
    if (key !== drawn) drawNames(all);
    drawn = key;
    names.hidden = !all.length;
    for (const input of names.querySelectorAll("input"))
      if (input !== document.activeElement) input.value = work.known.names[input.name] ?? input.name;
  }

  function drawNames(fields) {
    pending = false;
    const inputs = fields.map((field) =>
      el("input", { type: "text", name: field, spellcheck: "false", autocomplete: "off" }),
    );
    names.replaceChildren(
      ...inputs.map((input) => el("label", { class: "entry" }, `Name of ${input.name}`, input)),
    );
  }

  const keep = () => {
    pending = false;
    const given = [...names.querySelectorAll("input")].map(({ name, value }) => [name, value.trim()]);
    return change({ names: Object.fromEntries(given) });
  };
  const keepSoon = debounce(() => pending && keep(), KEEP);

  select.addEventListener("change", () => change({ file: select.value }));
  names.addEventListener("input", () => {
    pending = true;
    keepSoon();
  });
  names.addEventListener("focusout", () => pending && keep());
  return {
    draw,
    drawRefused: () => refused.replaceChildren(...(work.refused ? [drawProblem(work.refused)] : [])),
    flush: () => (pending ? keep() : settled()),
  };
}
