/* The exports of a table: what is being written with how far it is, what was written with its files, and what could
   not be. It is asked of the server, so that a reload or another page sees the same. */

import { onWork, settled, work } from "./work.js";
import { drawMade } from "./made.js";
import { getJson, post, send } from "../api.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { refreshPlace } from "../place.js";
import { count, counted, duration } from "../words.js";

const PAUSE = 400; // ms between two looks while one is being written

/** Draws the exports into `box` and the way to write one into `foot`: {open(table)}; `flush` keeps what is typed. */
export function exportList(box, foot, flush) {
  const said = el("div", { "aria-live": "polite" });
  const write = el("button", { class: "button primary", type: "button", text: "Write export" });
  const instead = el("input", { type: "checkbox" });
  const words = el("label", { class: "instead" }, instead, "replacing the newest, which is kept aside");
  const going = el("div", { class: "stack", "data-going": "" });
  const made = el("div", { class: "stack" });
  foot.replaceChildren(write, words);
  box.replaceChildren(said, going, made);
  let [table, exports, asked, clock, drawn] = ["", [], 0, 0, ""];

  async function look() {
    clearTimeout(clock);
    if (!table) return;
    const call = ++asked;
    try {
      const answer = await getJson(`tables/${table}/exports`);
      if (call === asked) take(answer.exports);
    } catch (problem) {
      if (call === asked) said.replaceChildren(drawProblem(problem));
    }
  }

  function take(found) {
    const ended = exports.filter(({ id, state }) => state === "running" && stateOf(found, id) === "done");
    exports = found;
    draw();
    if (exports.some(({ state }) => state === "running")) clock = setTimeout(look, PAUSE);
    if (ended.length) refreshPlace(); // the rail says that there is one
  }

  function draw() {
    const done = exports.filter(({ state }) => state === "done");
    const others = exports.filter(({ state }) => state !== "done");
    going.replaceChildren(
      ...others.map((one) => (one.state === "running" ? drawGoing(one) : drawFailed(one))),
    );
    words.hidden = !done.length;
    if (!done.length) instead.checked = false;
    const key = JSON.stringify([table, done, others.length > 0]);
    if (key !== drawn) made.replaceChildren(...drawDone(done, others.length));
    drawn = key;
  }

  const drawDone = (done, others) => {
    if (!done.length) return others ? [] : [drawNothing()];
    const [newest, ...older] = done;
    return [drawMade(newest, { act }), ...(older.length ? [drawOlder(older)] : [])];
  };

  function drawOlder(older) {
    const list = el("div", { class: "older-exports" });
    const summary = el("summary", { text: counted(older.length, "older export") });
    const details = el("details", { class: "card" }, summary, list);
    details.addEventListener("toggle", () => {
      if (details.open && !list.children.length)
        list.append(...older.map((one) => drawMade(one, { act, older: true })));
    });
    return details;
  }

  function drawGoing({ id, done, total, left }) {
    const cancel = el("button", { class: "button small", type: "button", text: "Cancel" });
    cancel.addEventListener("click", () => {
      cancel.disabled = true;
      act(async () => {
        const { state } = await post(`exports/${id}/stop`);
        const hint =
          state === "done" ? "It was written before it could be stopped." : "Nothing of it is left.";
        return drawNotice({ kind: "info", message: "The export is cancelled.", hint });
      });
    });
    const progress = el("progress", {
      "aria-label": "Export",
      ...(total ? { value: done, max: total } : {}),
    });
    const text = total ? `${count(done)} of ${counted(total, "record")}` : "cutting the parts …";
    const more = left == null ? "" : `about ${duration(Math.max(1, left))} left`;
    return el(
      "section",
      { class: "card reading", "aria-label": "Export under way", data: { export: id } },
      el("header", {}, el("h2", { text: "Writing the export" }), el("span", { class: "end" }, cancel)),
      progress,
      el("p", { class: "progress-line" }, el("span", { text }), el("span", { text: more })),
    );
  }

  function drawFailed({ id, state, problem }) {
    const dismiss = el("button", { class: "button small", type: "button", text: "Dismiss" });
    dismiss.addEventListener("click", () => act(() => send("DELETE", `exports/${id}`)));
    const why = { message: "The export was not written.", hint: `${problem?.message} ${problem?.hint}` };
    if (state === "failed") return drawProblem(why, dismiss);
    return drawNotice(
      { kind: "info", message: "An export was stopped.", hint: "Nothing of it is left." },
      dismiss,
    );
  }

  /** Does something with the exports, says what comes of it, and shows what is there now. */
  async function act(work) {
    said.replaceChildren();
    try {
      const answer = await work();
      if (answer instanceof Node) said.replaceChildren(answer);
    } catch (problem) {
      said.replaceChildren(drawProblem(problem));
    }
    await look();
    refreshPlace();
  }

  write.addEventListener("click", async () => {
    write.disabled = true;
    said.replaceChildren();
    await flush();
    await settled();
    const newest = exports.find(({ state }) => state === "done");
    if (!work.refused)
      await act(async () => {
        const { state } = await post(`tables/${table}/exports`, {
          replace: instead.checked ? newest.id : null,
        });
        instead.checked = false;
        if (state === "done")
          return drawNotice({ kind: "done", message: "The export is written.", hint: "" });
      });
    write.disabled = false;
  });
  onWork("preview", () => (write.disabled = Boolean(work.preview.problem)));
  return {
    open(now) {
      if (now !== table) [exports, drawn] = [[], ""];
      if (now !== table) said.replaceChildren();
      table = now;
      look();
    },
  };
}

const stateOf = (exports, id) => exports.find((one) => one.id === id)?.state;

function drawNothing() {
  const words = "Its parts, the recipe and a manifest with counts and hashes will stand here.";
  return el(
    "div",
    { class: "card empty-stage" },
    el("h2", { text: "Nothing is exported yet" }),
    el("p", { text: words }),
  );
}
