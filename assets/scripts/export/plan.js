/* What a push to the Hub would send, or has sent. */

import { el } from "../dom.js";
import { drawNotice } from "../notice.js";
import { bytes, counted } from "../words.js";

const STATES = { new: "new", changed: "changed", same: "as it is there" };

/** What would be sent, file by file. */
export function drawPlan({ repo, user, exists, private: hidden, files, others, bytes: size, asks }) {
  const sent = files.filter(({ state }) => state !== "same");
  const seen = hidden ? "private" : "public: anyone can see it";
  const where = exists ? "which is there already" : "which is made";
  const message = `${counted(sent.length, "file")}, ${bytes(size)}, would go to ${repo}, ${where}; ${seen}.`;
  const hint = `As ${user}. Nothing was sent.`;
  const notes = [drawNotice({ kind: "info", message, hint })];
  if (asks)
    notes.push(drawNotice({ kind: "error", message: "Something of the repository would change.", hint: "" }));
  const rest = others.length
    ? [
        el("p", {
          class: "quiet",
          text: `${counted(others.length, "other file")} of the repository stay as they are.`,
        }),
      ]
    : [];
  return [...notes, drawFiles(files), ...rest];
}

/** What was sent, and where it is. */
export function drawSent({ repo, url, files }, message) {
  const hint = `${repo} holds ${counted(files.length, "file")} of it.`;
  const notice = drawNotice({ kind: "done", message, hint });
  return [notice, ...(url ? [el("code", { text: url })] : [])];
}

function drawFiles(files) {
  const rows = files.map(({ path, bytes: size, state }) =>
    el(
      "tr",
      {},
      el("td", {}, el("code", { text: path })),
      el("td", { class: "number", text: bytes(size) }),
      el("td", { text: STATES[state] }),
    ),
  );
  const heads = ["File", "Size", "There"].map((text) => el("th", { scope: "col", text }));
  const table = el(
    "table",
    { class: "lines export-files" },
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...rows),
  );
  return el(
    "div",
    { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "What would be sent" },
    table,
  );
}
