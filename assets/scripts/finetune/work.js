/* What the Fine-tune stage is put together from: the base model, what is asked of its options, and what is known of the
   run before it is launched. The views draw from here and are told of every change. */

import { getJson, send } from "../api.js";
import { debounce } from "../dom.js";
import { chooseAsked } from "./limits.js";

const QUIET = 350; // ms of quiet before what was typed is kept and planned
const PAUSE = 600; // ms between two looks at a check or a calibration that goes on

const NOTHING = {
  known: null, // the draft's train part and what it would meet here
  model: null, // what the base model is
  options: [], // those that it takes
  asked: {}, // by TRL's name; what is not there is left open
  problems: {}, // by TRL's name, of what was typed and is not kept
  refused: null, // why the base model is not taken
  plan: null, // what a launch would do
  stale: false, // whether the plan is of something older
  wrong: null, // why there is no plan
  name: "", // the base model as it is named, whatever became of it
  looking: "", // the name of one that is being looked at
};

export const work = { table: "", ...NOTHING };

const followers = new Set();
let [opening, choosing, planning, saving, clock] = [0, 0, 0, Promise.resolve(), 0];
let unkept = false; // whether something is asked for that the draft does not have

/** Calls `listener()` after every change. */
export function onWork(listener) {
  followers.add(listener);
}

function tell(changes = {}) {
  Object.assign(work, changes);
  for (const listener of followers) listener();
}

const path = (part) => `tables/${work.table}/${part}`;

/** Whether an adapter is trained: as it is asked for, or as it suits the model. */
export const isAdapter = () =>
  work.asked.use_peft ?? work.plan?.options.use_peft ?? defaultOf("use_peft") ?? false;

/** What a run takes for an option that is left open. */
export const defaultOf = (name) => {
  const option = work.options.find((one) => one.name === name);
  const planned = name in work.asked ? undefined : work.plan?.options[name];
  return planned ?? option?.default ?? null;
};

const asking = () => chooseAsked(work.asked, work.options, isAdapter());

/** Whether all that was typed does. */
export const isWhole = () => Boolean(work.model) && !Object.keys(work.problems).length;

/** Comes to a table, or comes back to it: another stage may have changed what is trained on. */
export async function openTable(table) {
  if (table !== work.table) tell({ ...NOTHING, table });
  const call = ++opening;
  try {
    await settled();
    const known = await getJson(path("train"));
    if (call !== opening) return;
    tell({ known, asked: known.train, wrong: null });
    await chooseModel(known.train.base_model);
  } catch (problem) {
    if (call === opening) tell({ wrong: problem });
  }
}

/** Looks at a base model and takes it; one that may not be opened is refused, and nothing can be launched with it. */
export async function chooseModel(name) {
  const call = ++choosing;
  stopLooking();
  tell({ name, looking: name, refused: null, ...(work.model && work.model.choice !== name ? { plan: null } : {}) });
  try {
    const model = await getJson("models", { name });
    const { options } = await getJson("training/options", { name: model.choice });
    if (call !== choosing) return;
    const changed = model.choice !== work.known.train.base_model;
    tell({ model, options, problems: {}, name: model.choice, looking: "", asked: { ...work.asked, base_model: model.choice } });
    if (changed) keep();
    look();
  } catch (problem) {
    if (call !== choosing) return;
    stopLooking();
    tell({ model: null, plan: null, wrong: null, refused: problem, looking: "" });
  }
}

/** Leaves the base model: another is about to be named, and until then nothing can be launched. */
export function leaveModel() {
  choosing += 1;
  stopLooking();
  tell({ model: null, plan: null, refused: null, wrong: null, name: "", looking: "" });
}

/** Asks for a value of an option; null leaves it open. */
export function ask(name, value) {
  const asked = { ...work.asked };
  if (value == null) delete asked[name];
  else asked[name] = value;
  const { [name]: mended, ...problems } = work.problems;
  unkept = true;
  tell({ asked, problems, stale: true });
  changeSoon();
}

/** Notes that what was typed for an option does not do. */
export function refuse(name, problem) {
  stopLooking();
  tell({ problems: { ...work.problems, [name]: problem }, stale: true });
}

/** Keeps and plans what is asked for, once all of it does. */
function change() {
  if (!unkept || !isWhole()) return;
  keep();
  look();
}

const changeSoon = debounce(change, QUIET);

/** Resolves once all that was asked for is kept. */
export function settled() {
  change();
  return saving;
}

function keep() {
  const [table, train] = [work.table, asking()];
  unkept = false;
  saving = saving.then(() =>
    send("PUT", `tables/${table}/train`, train).then(
      (known) => table === work.table && Object.assign(work, { known }),
      (problem) => table === work.table && tell({ wrong: problem }),
    ),
  );
  return saving;
}

function stopLooking() {
  clearTimeout(clock);
  planning += 1;
}

/** Asks what a launch would do now, and again while a check or a calibration goes on. */
export async function look() {
  stopLooking();
  const call = planning;
  const { table } = work;
  try {
    const plan = await send("POST", path("plan"), asking());
    if (call !== planning || table !== work.table) return;
    tell({ plan, stale: false, wrong: null });
    if (goesOn(plan)) clock = setTimeout(look, PAUSE);
  } catch (problem) {
    if (call === planning && table === work.table) tell({ plan: null, stale: false, wrong: problem });
  }
}

const goesOn = ({ check, calibration }) =>
  ["preparing", "running"].includes(check?.state) || calibration?.state === "running";

/** Measures how long the run would take; `say` is told what is done before that. */
export async function measure(say) {
  await settled();
  await insist(() => send("POST", path("calibrations"), asking()), say);
  await look();
}

/** Starts the fine-tune and returns its run; `say` is told what is done before that. */
export async function launch(anyway, say) {
  await settled();
  const { table } = work;
  return insist(() => send("POST", `tables/${table}/runs`, { train: asking(), anyway }), say);
}

/** Asks until the answer is no longer that the base model is being fetched. */
async function insist(request, say) {
  for (;;) {
    const answer = await request();
    if (answer.state !== "fetching") return answer;
    say(answer.doing);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
