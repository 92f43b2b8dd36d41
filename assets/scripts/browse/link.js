/* The head of Browse, with "Copy link": the address says the table, what is asked of it, the page and the record. */

import { stageHead } from "../command.js";
import { copyText } from "../dom.js";

const SAID = 1600; // ms that the button says what it did

export function browseHead({ element }) {
  stageHead({ element });
  const button = element.querySelector("[data-act=copy-link]");
  const text = button.textContent;
  let clock;
  button.addEventListener("click", async () => {
    button.textContent = (await copyText(location.href)) ? "Link copied" : "Not copied";
    clearTimeout(clock);
    clock = setTimeout(() => (button.textContent = text), SAID);
  });
}
