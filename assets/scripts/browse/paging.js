/* The foot of the table: which records are on the page, the pages before and after, how long a page is, and a
   box for the number of a row. */

import { count } from "../words.js";

/** `on.turn(by)`, `on.size(size)` and `on.goTo(row)` are what it can do. Returns {draw, focusRow}. */
export function pageFoot(root, on) {
  const find = (selector) => root.querySelector(selector);
  const [previous, next] = [find("[data-act=previous]"), find("[data-act=next]")];
  const [size, row] = [find("[data-size]"), find("[data-go-to]")];

  previous.addEventListener("click", () => on.turn(-1));
  next.addEventListener("click", () => on.turn(1));
  size.addEventListener("change", () => on.size(Number(size.value)));
  row.addEventListener("keydown", (event) => {
    if (event.key === "Escape") row.blur();
    if (event.key === "Enter") go();
  });
  row.addEventListener("input", () => row.removeAttribute("aria-invalid"));

  function go() {
    const digits = row.value.replaceAll(/[\s,_.]/g, "");
    if (!/^\d{1,15}$/.test(digits)) row.setAttribute("aria-invalid", "true");
    else {
      row.value = "";
      on.goTo(Number(digits));
    }
  }

  function draw({ offset, rows, total, done, size: most }) {
    const last = Math.min(offset + rows, total);
    const sofar = done ? "" : " so far";
    find("[data-range]").textContent =
      `${count(rows ? offset + 1 : 0)}–${count(last)} of ${count(total)}${sofar}`;
    size.value = String(most);
    enable(previous, offset > 0, next);
    enable(next, last < total, previous);
  }

  return {
    draw,
    focusRow() {
      row.focus();
      row.select();
    },
  };
}

/** A button that can do nothing any more leaves the focus to its neighbour. */
function enable(button, able, neighbour) {
  const focused = document.activeElement === button;
  button.disabled = !able;
  if (focused && !able) neighbour.focus();
}
