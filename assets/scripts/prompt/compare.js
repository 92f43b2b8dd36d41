/* A second template beside the first, on the same record: any style that fits, or one that was saved. */

import { drawParts } from "./text.js";
import { onSavedTemplates, savedTemplates } from "./saved.js";
import { ask, onWork, work } from "./work.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";

/** The choice in `select`, and the second version in `versions`: {draw}. `changed(shown)` says whether there is one. */
export function comparison(select, versions, changed) {
  const title = el("h3");
  const text = el("div", { class: "example", tabindex: 0, role: "region", "aria-label": "Compared example" });
  const version = el("div", { class: "version" }, title, text);
  let [listed, call] = ["", null];

  function list() {
    const styles = (work.known?.styles ?? []).filter(({ has }) => has.length);
    const groups = [
      ["Styles that fit", styles.map(({ name, label }) => [`style:${name}`, label])],
      ["Your templates", savedTemplates().map(({ name }) => [`saved:${name}`, name])],
    ];
    const now = JSON.stringify(groups);
    if (now === listed) return;
    listed = now;
    const chosen = select.value;
    select.replaceChildren(
      el("option", { value: "", text: "nothing" }),
      ...groups.map(drawGroup).filter(Boolean),
    );
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = "";
  }

  /** The chosen template with its column map, or null. */
  function chosen() {
    const [kind, name] = [select.value.slice(0, 6), select.value.slice(6)];
    if (kind === "style:") return { template: { style: name }, columns: {} };
    const saved = savedTemplates().find((one) => one.name === name);
    return kind === "saved:" && saved ? { template: saved.template, columns: work.columns } : null;
  }

  async function draw() {
    const other = chosen();
    call?.abort();
    changed(Boolean(other));
    if (!other) {
      version.remove();
      return;
    }
    const now = (call = new AbortController());
    title.textContent = select.selectedOptions[0].textContent;
    if (!version.isConnected) versions.append(version);
    try {
      const answer = await ask({ ...other, row: work.row }, now.signal);
      if (now === call) show(answer);
    } catch (problem) {
      if (now === call) text.replaceChildren(drawProblem(problem));
    }
  }

  const show = ({ problem, parts }) =>
    text.replaceChildren(...(problem ? [drawNotice({ kind: "error", ...problem })] : drawParts(parts)));

  select.addEventListener("change", draw);
  onWork("known", list);
  onSavedTemplates(list);
  return { draw };
}

const drawGroup = ([label, options]) =>
  options.length
    ? el("optgroup", { label }, ...options.map(([value, text]) => el("option", { value, text })))
    : null;
