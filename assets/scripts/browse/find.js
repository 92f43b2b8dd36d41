/* The search box: its text, its three options, the way to clear it, and what the server says of a search that
   cannot be. */

import { debounce } from "../dom.js";

const PAUSE = 150; // ms without a key before the server is asked

/** `onFind({search, case, word, regex}, {first})` is called when a person has changed the search; `first` on
 * the first change since the box was entered. Returns {show, focus, leave}. */
export function findBox(root, onFind) {
  const box = root.querySelector(".search");
  const [input, clear] = [box.querySelector("input"), box.querySelector("[data-act=clear]")];
  const options = [...box.querySelectorAll("[data-option]")];
  let first = true;

  function tell() {
    const pressed = options.map((option) => [
      option.dataset.option,
      option.getAttribute("aria-pressed") === "true",
    ]);
    onFind({ search: wanted(), ...Object.fromEntries(pressed) }, { first });
    first = false;
  }

  /** Blanks around a text are taken for a slip, but not in an expression. */
  function wanted() {
    const regex = options.some((option) => option.matches("[data-option=regex][aria-pressed=true]"));
    return regex ? input.value : input.value.trim();
  }

  function show(query) {
    if (wanted() !== query.search) input.value = query.search;
    for (const option of options) option.setAttribute("aria-pressed", query[option.dataset.option]);
    clear.hidden = input.value === "";
  }

  const tellSoon = debounce(tell, PAUSE);
  input.addEventListener("input", () => {
    clear.hidden = input.value === "";
    tellSoon();
  });
  input.addEventListener("focus", () => (first = true));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // a browser would clear the box, while the search stands
    input.blur();
  });
  clear.addEventListener("click", () => {
    input.value = "";
    clear.hidden = true;
    first = true;
    tell();
    input.focus();
  });
  for (const option of options)
    option.addEventListener("click", () => {
      option.setAttribute("aria-pressed", option.getAttribute("aria-pressed") !== "true");
      first = true;
      if (input.value) tell();
    });
  return {
    show,
    focus() {
      input.focus();
      input.select();
    },
    /** What is wrong with the search, in words; "" when nothing is. */
    mark: (wrong) => input.setAttribute("aria-invalid", Boolean(wrong)),
  };
}
