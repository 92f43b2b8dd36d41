/* Quality beside the table: what a survey of all records found, each finding with its records, and the way to take them
   out. Whether it is open, and at which finding, stands in the URL (quality=1, quality=refusal). */

import { debounce, el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo, onPlace, readPlace, writePlace } from "../place.js";
import { onReadings } from "../load/ingests.js";
import { exclude, undo, watchChanges } from "../record/changes.js";
import { matchOf, NO_QUERY, writeQuery } from "../browse/query.js";
import { confirmMany } from "../browse/selected.js";
import { counted } from "../words.js";
import { findingCard } from "./finding.js";
import { openedOf, saySum, sayProgress, sortFindings } from "./findings.js";
import { drawFrame } from "./frame.js";
import { drawOptions } from "./options.js";
import { surveyor } from "./survey.js";
import { want, wantedOf } from "./wanted.js";

const OVERLAY = matchMedia("(max-width: 1100px)");
const SOON = 200; // ms of quiet after a change before the records are looked at again

/** Starts the panel in the root of Browse: {arrive(table), turn()}. `turn` opens or closes it. */
export function qualityPanel(root) {
  const panel = root.querySelector(".quality");
  const opener = root.querySelector("[data-quality]");
  const parts = drawFrame(panel, { close, stop: () => survey.stop() });
  const cards = new Map();
  const at = { table: "", open: false, tab: "", finding: "" };
  let known = null;
  const survey = surveyor(isWatched, draw);
  const lookAgain = debounce(() => at.open && look(), SOON);

  function isWatched() {
    return !document.hidden && at.open && root.getClientRects().length > 0;
  }

  const look = () => survey.begin(at.table, wantedOf(at.table));

  function draw(news) {
    known = news;
    const { answer, live, pending, problem } = news;
    parts.told.replaceChildren(...tell(news));
    parts.known.hidden = !answer || (answer.state !== "done" && !answer.findings?.length);
    const { found, clear, options } = sortFindings(answer ?? {}, wantedOf(at.table));
    const sum = problem || !live ? "" : saySum(live, found.length, pending);
    if (parts.sum.textContent !== sum) parts.sum.textContent = sum;
    drawWork(live, problem);
    if (parts.known.hidden) return;
    drawColumns(answer);
    drawFound(found);
    drawClear(clear, answer.skipped ?? []);
    parts.more.hidden = !options.length;
    drawOptions(parts.options, options, choose);
  }

  function tell({ live, problem }) {
    if (problem) return [drawProblem(problem, act("Try again", look))];
    if (live?.state === "failed") return [drawProblem(live.problem ?? {}, act("Try again", look))];
    if (live?.state === "stopped")
      return [drawNotice({ kind: "info", message: "Stopped.", hint: sayProgress(live) }, act("Go on", look))];
    return [];
  }

  function drawWork(live, problem) {
    const goes = !problem && live?.state === "running";
    parts.work.hidden = !goes;
    if (!goes) return;
    if (live.total) Object.assign(parts.bar, { max: live.total, value: live.done });
    else parts.bar.removeAttribute("value");
    parts.far.textContent = sayProgress(live);
  }

  function drawColumns({ asked = [], answered = [] }) {
    const names = (list) => list.flatMap((name, i) => [i ? ", " : "", el("code", { dir: "auto", text: name })]);
    const both = asked.length && answered.length;
    const words = both
      ? [...names(asked), " (prompt) and ", ...names(answered), " (completion)"]
      : names([...asked, ...answered]);
    parts.columns.replaceChildren("Looks at ", ...words, ".");
    parts.columns.hidden = !words.length;
  }

  function drawFound(found) {
    const { answer, pending } = known;
    const state = { total: answer.records, id: answer.id, pending };
    for (const finding of found) {
      if (!cards.has(finding.code)) cards.set(finding.code, findingCard(at.table, finding, ways));
      cards.get(finding.code).draw(finding, { ...state, open: finding.code === at.finding });
    }
    const order = found.map(({ code }) => cards.get(code).element);
    const before = [...parts.found.children];
    const same = order.length === before.length && order.every((one, i) => one === before[i]);
    if (!same) parts.found.replaceChildren(...order); // or what is at hand in one would lose the focus
  }

  function drawClear(clear, skipped) {
    fold(parts.clear, `Looked for and not found (${clear.length})`, clear);
    fold(parts.skipped, `Not looked for (${skipped.length})`, skipped);
  }

  const ways = { toggle, show: showInTable, exclude: takeOut };

  function toggle(code, open) {
    at.finding = open ? code : "";
    writePlace({ quality: at.finding || "1" });
    draw(known);
  }

  function showInTable({ code }) {
    const query = { ...NO_QUERY, among: { survey: known.answer.id, finding: code } };
    const quality = OVERLAY.matches ? null : code;
    goTo({ ...writeQuery(query), tab: "browse", row: null, offset: null, quality });
  }

  function takeOut(finding) {
    const among = { survey: known.answer.id, finding: finding.code };
    confirmMany(finding.count, async () => {
      const answer = await exclude(at.table, { query: matchOf({ ...NO_QUERY, among }) });
      if (answer) tellExcluded(answer, finding);
    });
  }

  function tellExcluded({ changed }, { title }) {
    const back = act("Undo", () => undo(at.table));
    const message = `${counted(changed, "record")} excluded: ${title}.`;
    const hint = "Every later stage leaves them out. Undo puts them back.";
    parts.done.replaceChildren(drawNotice({ kind: "done", message, hint }, back));
    back.focus();
  }

  function choose(name, on) {
    want(at.table, name, on);
    look();
  }

  function close() {
    goTo({ quality: null });
    opener.focus();
  }

  /** Puts the panel where the URL says; the table is the one that the server settled on. */
  function arrive(table) {
    const { tab, quality } = readPlace();
    const [open, other] = [Boolean(quality), table !== at.table];
    const due = open && tab === "browse" && (other || !at.open || at.tab !== "browse");
    if (other) enter();
    const moved = openedOf(quality) !== at.finding;
    const opened = open && !at.open;
    Object.assign(at, { table, tab, open, finding: openedOf(quality) });
    root.classList.toggle("surveying", open);
    opener.setAttribute("aria-expanded", open);
    if (opened && OVERLAY.matches) parts.title.focus({ preventScroll: true });
    if (moved && known && open) draw(known);
    if (due && table) look();
  }

  function enter() {
    survey.forget();
    cards.clear();
    known = null;
    for (const part of [parts.told, parts.done, parts.found]) part.replaceChildren();
    parts.known.hidden = true;
    parts.work.hidden = true;
    parts.sum.textContent = "";
  }

  /** Opens or closes it; one that lies under a record comes to the front. */
  function turn() {
    if (at.open && root.classList.contains("open")) goTo({ row: null });
    else if (at.open) close();
    else goTo({ quality: "1" });
  }

  opener.addEventListener("click", turn);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  watchChanges(({ table, changed }) => {
    if (!changed || table !== at.table) return;
    parts.done.replaceChildren();
    lookAgain();
  });
  onReadings(({ ended }) => ended.some(({ id }) => id === at.table) && lookAgain());
  onPlace((place) => arrive(place.table || at.table));
  new ResizeObserver(() => survey.resume()).observe(panel);
  addEventListener("visibilitychange", () => survey.resume());
  return { arrive, turn };
}

/** Fills a fold with kinds of findings, each with a reason or what it means; hides it where there are none. */
function fold(details, text, kinds) {
  const [summary, list] = details.children;
  details.hidden = !kinds.length;
  summary.textContent = text;
  const draw = ({ title, reason, explanation }) => el("li", {}, el("b", { text: title }), ` ${reason ?? explanation}`);
  list.replaceChildren(...kinds.map(draw));
}

const act = (text, work) =>
  el("button", { class: "button small", type: "button", text, on: { click: work } });
