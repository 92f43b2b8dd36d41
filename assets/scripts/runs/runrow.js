/* One run as a row of the table, the form that names it, and the list of the removed ones. */

import { isCompared } from "./compared.js";
import { el, icon } from "../dom.js";
import { goTo } from "../place.js";
import { swap } from "./queue.js";
import { isFinal, nameRun } from "./run.js";
import { bytes, count, counted, duration, score } from "../words.js";

const PENCIL = "M3 13l.7-2.8 7-7 2.1 2.1-7 7L3 13z";
const BIN = "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5";
const [UP, DOWN] = ["M8 13V3.5M4 7.2L8 3.2l4 4", "M8 3v9.5M4 8.8l4 4 4-4"];

/** A row; `on` are {compare, edit, save, order, remove}, `queue` the ids of the waiting runs in their order. */
export function drawRun(run, { shown, editing, queue, on }) {
  const { base, tuned } = run.metrics ?? {};
  const cells = [
    [`${nameSource(run.recipe?.source)} · ${run.recipe?.train?.base_model ?? "tiny"}`, "run-source wide"],
    [drawState(run)],
    [run.steps ? `${count(run.step)} / ${count(run.steps)}` : "–", "number"],
    [base && tuned ? `${score(base.loss, 2)} → ${score(tuned.loss, 2)}` : "–", "number"],
    [run.seconds ? duration(run.seconds) : "–", "number wide"],
    [readTime(run.started), "wide"],
  ];
  return el(
    "tr",
    { "aria-selected": shown, data: { run: run.run } },
    el("td", {}, drawCompare(run, on)),
    el("td", { class: "run-name" }, ...(editing ? [drawForm(run, on)] : drawName(run, shown))),
    ...cells.map(([content, name]) => el("td", { class: name }, content)),
    el("td", { class: "run-acts" }, ...drawActs(run, queue, on)),
  );
}

const drawState = ({ state, place }) =>
  el("span", { class: "state", data: { state }, text: place ? `${state}, ${namePlace(place)}` : state });

function drawCompare(run, on) {
  const box = el("input", {
    type: "checkbox",
    checked: isCompared(run.run),
    "aria-label": `${nameRun(run)} on the chart`,
    data: { act: "compare" },
  });
  box.addEventListener("change", () => on.compare(run, box.checked));
  return box;
}

function drawName(run, shown) {
  const open = el("button", {
    class: "link",
    type: "button",
    "aria-current": shown ? "true" : null,
    "aria-label": `Show ${nameRun(run)}`,
    data: { act: "open" },
  });
  open.append(run.name ? el("b", { text: run.name }) : el("code", { text: run.run.slice(0, 8) }));
  open.addEventListener("click", () => goTo({ tab: "finetune", run: run.run }));
  return [open, run.notes ? el("small", { class: "quiet", text: run.notes }) : ""];
}

function drawForm(run, on) {
  const name = el("input", {
    type: "text",
    value: run.name,
    maxlength: 80,
    placeholder: run.run.slice(0, 8),
    "aria-label": "Name",
  });
  const notes = el("textarea", { rows: 2, maxlength: 10_000, placeholder: "Notes", "aria-label": "Notes" });
  notes.value = run.notes;
  const leave = el("button", { class: "button small", type: "button", text: "Cancel" });
  const form = el(
    "form",
    {},
    name,
    notes,
    el(
      "span",
      { class: "ways" },
      el("button", { class: "button small primary", type: "submit", text: "Save" }),
      leave,
    ),
  );
  leave.addEventListener("click", () => on.edit(null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    on.save(run, { name: name.value, notes: notes.value });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    if (event.key !== "Escape") return;
    event.stopPropagation();
    on.edit(null);
  });
  return form;
}

function drawActs(run, queue, on) {
  const name = nameRun(run);
  const button = (path, act, words, work) => {
    const drawn = icon(path, `${words} ${name}`, work);
    drawn.dataset.act = act;
    return drawn;
  };
  const at = queue.indexOf(run.run);
  const acts = [];
  if (at > 0) acts.push(button(UP, "up", "Sooner:", () => on.order(swap(queue, at - 1))));
  if (at >= 0 && at < queue.length - 1)
    acts.push(button(DOWN, "down", "Later:", () => on.order(swap(queue, at))));
  acts.push(button(PENCIL, "edit", "Name and notes of", () => on.edit(run)));
  if (isFinal(run.state)) acts.push(button(BIN, "remove", "Remove", () => on.remove(run)));
  return acts;
}

const namePlace = (number) => (number === 1 ? "next" : `place ${count(number)}`);

/** The runs that were put away, each with the buttons that bring it back and delete it for good; nothing where there are
 * none. */
export function drawRemoved(removed, on) {
  if (!removed.length) return [];
  const size = removed.reduce((sum, { disk_bytes }) => sum + disk_bytes, 0);
  const summary = el("summary", {
    text: `${counted(removed.length, "run")} removed · ${bytes(size)} on disk`,
  });
  return [el("details", {}, summary, el("ul", {}, ...removed.map((run) => drawGone(run, on))))];
}

function drawGone(run, on) {
  const name = nameRun(run);
  const back = el("button", {
    class: "button small",
    type: "button",
    text: "Restore",
    "aria-label": `Restore ${name}`,
  });
  back.addEventListener("click", () => on.restore(run));
  const drop = el("button", { class: "button small", type: "button", text: "Delete" });
  drop.setAttribute("aria-label", `Delete ${name} for good`);
  drop.addEventListener("click", () => {
    if (drop.dataset.sure) return on.delete(run);
    drop.dataset.sure = "yes";
    drop.classList.add("danger");
    drop.textContent = "For good?";
  });
  const words = [
    nameSource(run.recipe?.source),
    run.state,
    readTime(run.started),
    bytes(run.disk_bytes),
  ].join(" · ");
  const told = el("span", {}, el("b", { text: name }), " ", el("span", { class: "quiet", text: words }));
  return el("li", {}, told, el("span", { class: "actions" }, back, drop));
}

const nameSource = (source) => (source?.path ?? source?.hub ?? source?.url ?? "–").split("/").at(-1);

function readTime(started) {
  const time = new Date(started);
  if (Number.isNaN(time.getTime())) return "–";
  const year = time.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return time.toLocaleString([], {
    year,
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}
