/* The head of Compare: the ways to what stands below the test records, and a link to what is shown. */

import { browseHead } from "../browse/link.js";

export function compareHead({ element }) {
  browseHead({ element });
  for (const button of element.querySelectorAll("[data-to]"))
    button.addEventListener("click", () => goDown(document.getElementById(button.dataset.to)));
}

/** Shows a view, opens it where it is folded, and gives it the focus. */
function goDown(view) {
  const folded = view.querySelector("details.card");
  if (folded) folded.open = true;
  view.scrollIntoView({ block: "start" });
  view.querySelector("summary, textarea, input, button")?.focus({ preventScroll: true });
}
