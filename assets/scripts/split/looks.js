/* What each part looks like, side by side: records, lengths at the median, shares of categories. */

import { el } from "../dom.js";
import { count, nameOf, percent } from "../words.js";

/** A table with a column for each part, or nothing while the profiles are not known. */
export function drawLooks({ parts, category }) {
  if (!parts.length || parts.some(({ profile }) => !profile)) return null;
  const heads = ["", ...parts.map(({ name }) => name)].map((text, at) =>
    at ? el("th", { scope: "col", class: "number" }, el("i", { class: `swatch ${text}` }), text) : el("td"),
  );
  const rows = [
    drawRow("Records", "", parts, ({ records }) => count(records)),
    drawRow("Prompt", "characters at the median", parts, ({ profile }) => count(Math.round(profile.prompt))),
  ];
  if (parts.some(({ profile }) => profile.completion != null))
    rows.push(
      drawRow("Completion", "characters at the median", parts, ({ profile }) => count(Math.round(profile.completion))),
    );
  for (const value of category == null ? [] : Object.keys(parts[0].profile.categories))
    rows.push(
      drawRow(value || '""', nameOf({ name: category }), parts, ({ profile, records }) =>
        percent(profile.categories[value], records),
      ),
    );
  return el(
    "div",
    { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Figures by part" },
    el(
      "table",
      { class: "lines looks" },
      el("thead", {}, el("tr", {}, ...heads)),
      el("tbody", {}, ...rows),
    ),
  );
}

function drawRow(name, words, parts, read) {
  const title = el("th", { scope: "row" }, name, words ? el("small", { text: words }) : null);
  return el("tr", {}, title, ...parts.map((part) => el("td", { class: "number", text: read(part) })));
}
