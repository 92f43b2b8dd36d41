/* The frame of the record beside the table: its head with the buttons, a place for the fields, and what is announced. */

import { el, icon } from "../dom.js";

const UP = "M8 13V3.5M4 7l4-4 4 4";
const DOWN = "M8 3v9.5M4 9l4 4 4-4";
const CROSS = "m4 4 8 8M12 4l-8 8";

/** Puts the frame into `panel`; `toggle` excludes or restores the record. The other buttons are for the table to hear:
 * data-act is up, down or close. */
export function drawPanel(panel, { toggle }) {
  const title = el("h2", { tabindex: -1 });
  const place = el("p", { class: "quiet" });
  const button = el("button", { class: "button small", type: "button", on: { click: toggle } });
  const status = el("p", { class: "off-screen", role: "status" });
  const fields = el("div", {
    class: "fields",
    tabindex: 0,
    role: "region",
    "aria-label": "Fields of the record",
    data: { fields: "" },
  });
  const head = el("header", {}, el("div", { class: "record-title" }, title, place), button, ...drawSteps());
  panel.replaceChildren(head, fields, status);

  function sayExcluded(excluded) {
    button.textContent = excluded ? "Restore" : "Exclude";
    button.title = excluded ? "Put this record back (x)" : "Leave this record out of every later stage (x)";
    panel.classList.toggle("excluded", excluded);
  }

  sayExcluded(false);
  return { title, place, fields, sayExcluded, say: (words) => (status.textContent = words) };
}

function drawSteps() {
  const step = (path, label, act) => {
    const button = icon(path, label);
    button.dataset.act = act;
    return button;
  };
  return [
    step(UP, "Previous record", "up"),
    step(DOWN, "Next record", "down"),
    step(CROSS, "Close record", "close"),
  ];
}
