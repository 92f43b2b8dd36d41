/* Before and after: which run and sides are compared, their scores, and every test record with both answers. */

import { getJson } from "../api.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo, onPlace, readPlace, refreshPlace, writePlace } from "../place.js";
import { drawCategories, fillColumns } from "./categories.js";
import { exportMenu } from "./exports.js";
import { compareKeys } from "./keys.js";
import { onKeys } from "../dom.js";
import { pairList } from "./list.js";
import { NO_ASK, PAGE, askPairs, askSides, readAsk, writeAsk } from "./query.js";
import { drawScores } from "./scores.js";
import { describeDoing, drawInvitation, noTestPart } from "./states.js";
import { fillRuns, fillSides } from "./sides.js";
import { pairTools } from "./tools.js";
import { isFinal } from "../runs/run.js";

const LOOK = 2000; // ms between looks at a run that is at work

export function comparison({ element, props, watch }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  let [run, ask, asked, scored, clock] = ["", NO_ASK, 0, "", 0];
  let label = "";

  const list = pairList(find("list"), () => ({ run, ask }), {
    onTally: (tally) => tools.drawTally(tally),
    onProblem: (problem) => find("doing").replaceChildren(drawProblem(problem)),
    reload: () => load({ quiet: true }),
    turn,
  });
  const tools = pairTools(element, {
    onAsk: (changes) => change({ ...changes, at: 0 }),
    onShows: list.mark,
    onUndo: list.undo,
    turn,
  });

  /** Asks for other pairs, and says so in the address. */
  function change(changes, { push = true } = {}) {
    ask = { ...ask, ...changes };
    writePlace({ run, ...writeAsk(ask) }, { push });
    return load();
  }

  function turn(by) {
    const at = Math.max(0, ask.at + by * PAGE);
    return change({ at }).then(() => find("records").scrollIntoView({ block: "start" }));
  }

  async function load({ quiet = false } = {}) {
    const call = ++asked;
    clearTimeout(clock);
    find("list").ariaBusy = !quiet;
    const [pairs, problem] = await settle(getJson(`runs/${run}/pairs`, askPairs(ask)));
    if (call !== asked) return;
    find("list").ariaBusy = false;
    if (problem) return drawNothing([drawProblem(problem)]);
    draw(pairs);
    if (pairs.state === "succeeded" && pairs.of) await loadScores(call);
    else if (!isFinal(pairs.state)) clock = setTimeout(look, LOOK);
  }

  /** Looks again at a run that is at work, unless nobody does. */
  function look() {
    if (element.offsetParent) load({ quiet: true });
    else clock = setTimeout(look, LOOK);
  }

  async function loadScores(call) {
    const wanted = JSON.stringify([run, askSides(ask), ask.by]);
    if (scored === wanted) return;
    const compared = (more) => settle(getJson(`runs/${run}/comparison`, { ...askSides(ask), limit: 1, ...more }));
    const told = ask.by ? await compared({ by: ask.by }) : [null, null];
    const [found, problem] = told[0] ? told : await compared({});
    if (call !== asked) return;
    scored = wanted;
    find("problem").replaceChildren(...(problem ? [drawProblem(problem)] : []));
    drawScored(found);
    drawTold(found, problem ? null : told[1]);
  }

  /** The scores by category, or why there are none. */
  function drawTold(found, problem) {
    fillColumns(find("by"), found?.columns ?? [], found ? ask.by : "");
    const table = found?.categories ? [drawCategories(found)] : [];
    find("categories").replaceChildren(...(problem ? [drawProblem(problem)] : table));
    find("categories").hidden = !problem && !table.length;
  }

  function drawScored(found) {
    label = found?.label ?? label;
    find("label").textContent = label;
    find("verdict").textContent = found?.verdict ?? "";
    find("scores").replaceChildren(...(found ? drawScores(found) : []));
    find("scores").hidden = !found;
    find("export").hidden = !found;
    if (!found) drawTold(null, null);
  }

  function draw(found) {
    const past = found.total > 0 && ask.at >= found.total;
    if (past) return void change({ at: Math.floor((found.total - 1) / PAGE) * PAGE }, { push: false });
    const doing = describeDoing(found);
    if (!found.records && isFinal(found.state) && !found.of) return drawNothing([noTestPart()]);
    find("records").hidden = !found.records;
    find("doing").replaceChildren(...(found.records && doing ? [drawNotice(doing)] : []));
    if (!isFinal(found.state) || !found.records) drawScored(null);
    find("problem").replaceChildren(...(!found.records && doing ? [drawNotice(doing)] : []));
    find("empty").replaceChildren();
    find("scores-card").hidden = false;
    tools.draw(ask, found);
    list.draw(found, ask);
  }

  function drawNothing(nodes) {
    scored = "";
    drawScored(null);
    find("problem").replaceChildren(...nodes);
    find("records").hidden = true;
  }

  async function show() {
    const { table = "", run: settled = "" } = props.value ?? {};
    const place = readPlace();
    if (!table || place.tab !== "compare") return;
    const call = ++asked;
    clearTimeout(clock);
    const [runs, problem] = await settle(getJson(`tables/${table}/compared`, { run: place.run }));
    if (call !== asked) return;
    find("scores-card").hidden = !problem && !runs.length;
    if (problem) return drawNothing([drawProblem(problem)]);
    find("empty").replaceChildren(...(runs.length ? [] : [drawInvitation()]));
    find("records").hidden = !runs.length || find("records").hidden;
    if (!runs.length) return;
    const chosen = runs.find((one) => one.run === place.run) ?? runs.find((one) => one.records) ?? runs[0];
    if (chosen.run !== place.run) writePlace({ run: chosen.run });
    if (chosen.run !== settled) return refreshPlace(); // the other views of the stage follow
    open(chosen, runs);
  }

  function open(chosen, runs) {
    if (chosen.run !== run) list.forget();
    [run, ask, scored, label] = [chosen.run, readAsk(new URL(location).searchParams), "", chosen.label];
    fillRuns(find("runs"), runs, run);
    fillSides([find("left"), find("right")], run, ask, () => run);
    return load();
  }

  find("runs").addEventListener("change", (event) => {
    const { order, only } = ask;
    goTo({ tab: "compare", ...writeAsk({ ...NO_ASK, order, only }), run: event.target.value });
  });
  find("left").addEventListener("change", (event) => change({ left: event.target.value, at: 0 }));
  find("by").addEventListener("change", (event) => change({ by: event.target.value }));
  exportMenu(find("export"), () => ({ run, ask }));
  find("right").addEventListener("change", (event) => change({ right: event.target.value, at: 0 }));
  onKeys(element, compareKeys({ list, tools, turn }));
  onPlace((place) => {
    if (place.tab === "compare" && place.table === props.value?.table && place.run === props.value?.run) show();
  });
  watch("value", show);
  show();
}

/** What comes of a promise: [value, null] or [null, problem]. */
const settle = (promise) =>
  promise.then(
    (value) => [value, null],
    (problem) => [null, problem],
  );
