/* All fine-tunes of the workspace: open one, sort, name, put on the chart, order the queue, remove and bring back. */

import { getJson, post, send } from "../api.js";
import { changeOrder, lookAtRuns, readOrder, tellChange, watchRuns } from "./all.js";
import { compareRun, isCompared, MOST, onCompared, refreshCompared } from "./compared.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { queueOf } from "./queue.js";
import { nameRun } from "./run.js";
import { drawRemoved, drawRun } from "./runrow.js";
import { counted } from "../words.js";

export function runList({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const [card, body, told] = ["[data-card]", "tbody", "[data-told]"].map(find);
  let [runs, editing, drawn, known, gone] = [[], "", "", "", ""];

  function take(found) {
    runs = found;
    refreshCompared(runs);
    draw();
  }

  /** Draws what has changed; nothing while a person writes in a row. */
  function draw() {
    const shown = props.value?.run ?? "";
    const compared = runs.map(({ run }) => isCompared(run));
    const state = JSON.stringify([runs, shown, editing, compared, readOrder()]);
    if (state === drawn || (editing && body.querySelector("form"))) return;
    drawn = state;
    keepFocus(body, () =>
      body.replaceChildren(
        ...runs.map((run) =>
          drawRun(run, { shown: run.run === shown, editing: run.run === editing, queue: queueOf(runs), on }),
        ),
      ),
    );
    find("[data-count]").textContent = counted(runs.length, "run");
    for (const head of element.querySelectorAll("th[data-sort]")) markHead(head);
    const ids = JSON.stringify(runs.map(({ run }) => run).sort());
    if (ids !== known) drawGone();
    known = ids;
  }

  async function drawGone() {
    const removed = await getJson("runs/removed").catch(() => []);
    card.hidden = !runs.length && !removed.length;
    const text = JSON.stringify(removed);
    if (text === gone) return; // and a button stays as far as it was pressed
    gone = text;
    const room = find("[data-removed]");
    const open = room.querySelector("details")?.open;
    room.replaceChildren(...drawRemoved(removed, on));
    room.querySelector("details")?.toggleAttribute("open", Boolean(open));
  }

  const on = {
    compare(run, wanted) {
      if (compareRun(run, wanted)) return;
      say(
        drawNotice({
          kind: "info",
          message: `${MOST} runs are on the chart already.`,
          hint: "Take one off first.",
        }),
      );
      drawn = "";
      draw();
    },
    edit(run) {
      editing = run?.run ?? "";
      body.querySelector("form")?.remove();
      draw();
      if (run) body.querySelector("form input").select();
    },
    save: (run, label) =>
      act(
        () => send("PATCH", `runs/${run.run}`, label),
        null,
        () => on.edit(null),
      ),
    order: (queue) => act(() => send("PUT", "runs/queue", { queue })),
    remove: (run) =>
      act(
        () => send("DELETE", `runs/${run.run}`),
        () => drawNotice({ kind: "info", message: `Removed ${nameRun(run)}.` }, undo(run)),
      ),
    restore: (run) =>
      act(
        () => post(`runs/${run.run}/restore`),
        () => drawNotice({ kind: "info", message: `${capital(nameRun(run))} is back.` }),
      ),
    delete: (run) => act(() => send("DELETE", `runs/${run.run}/removed`)),
  };

  function undo(run) {
    const button = el("button", { class: "button small", type: "button", text: "Undo" });
    button.addEventListener("click", () => on.restore(run));
    return button;
  }

  async function act(work, words, after) {
    try {
      await work();
      say(words?.());
      after?.();
    } catch (problem) {
      say(drawProblem(problem));
    }
    await tellChange();
    await drawGone();
  }

  const say = (notice) => told.replaceChildren(...(notice ? [notice] : []));

  function markHead(head) {
    const order = readOrder();
    const by = order.replace("-", "");
    const sorted = by !== head.dataset.sort ? null : order.startsWith("-") ? "descending" : "ascending";
    if (sorted) head.setAttribute("aria-sort", sorted);
    else head.removeAttribute("aria-sort");
  }

  for (const head of element.querySelectorAll("th[data-sort]"))
    head.querySelector("button").addEventListener("click", () => {
      const { sort, down } = head.dataset;
      const order = readOrder();
      const first = down === undefined ? sort : `-${sort}`;
      changeOrder(order === first ? (first === sort ? `-${sort}` : sort) : first);
    });
  watchRuns(element, take, (problem) => say(drawProblem(problem)));
  onCompared(draw);
  watch("value", lookAtRuns);
  lookAtRuns();
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** What had the focus has it again, where it is still there. */
function keepFocus(body, work) {
  const { activeElement: active } = document;
  const [run, act] = body.contains(active) ? [active.closest("tr")?.dataset.run, active.dataset.act] : [];
  work();
  if (run) body.querySelector(`tr[data-run="${run}"] [data-act="${act}"]`)?.focus({ preventScroll: true });
}
