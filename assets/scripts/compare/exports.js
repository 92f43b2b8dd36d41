/* The ways to take a comparison along: a page that opens offline, and its records as lines or as a table. */

import { address } from "../api.js";
import { el } from "../dom.js";
import { menuItem, openPopover } from "../popover.js";

const KINDS = [
  ["html", "HTML report"],
  ["jsonl", "JSONL answers"],
  ["csv", "CSV table"],
];

/** The menu of a button; `about()` is {run, ask}. */
export function exportMenu(button, about) {
  button.addEventListener("click", () => {
    const items = KINDS.map(([kind, text]) => menuItem(text, () => download(kind, about())));
    openPopover(button, { label: "Export", role: "menu", kind: "menu" }, ...items);
  });
}

function download(kind, { run, ask: { left, right, by } }) {
  const query = new URLSearchParams({ left, right, ...(by && kind === "html" ? { by } : {}) });
  const link = el("a", { href: `${address(`runs/${run}/comparison.${kind}`)}?${query}`, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}
