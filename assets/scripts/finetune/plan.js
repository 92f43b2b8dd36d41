/* Know before launch: what a run would do and take, what stops it, which file it would learn from; and its start. */

import { isWhole, launch, measure, onWork, work } from "./work.js";
import { address } from "../api.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo, readPlace } from "../place.js";
import { bytes, count, counted, duration } from "../words.js";

const SETTLED = 700; // ms after which the panel of a new run is there
const CHECKING = new Set(["preparing", "running"]);

export function finetunePlan({ element }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const start = el("button", { class: "button primary", type: "button", text: "Start fine-tune" });
  const insist = el("input", { type: "checkbox" });
  const anyway = el("label", { class: "tune-anyway" }, insist, "Start anyway");
  const gauge = el("button", { class: "button small", type: "button", text: "Measure", "aria-label": "Measure the time" });
  let [busy, unmeasured, refused] = ["", null, null];
  find("start").replaceChildren(start, anyway);
  find("frozen").open = !readPlace().run;

  function draw() {
    const { plan } = work;
    element.querySelector(".tune-plan").classList.toggle("stale", work.stale && isWhole());
    find("now").textContent = sayNow();
    find("figures").replaceChildren(...(plan ? listFigures(plan, gauge) : []).map(drawFigure));
    find("notes").replaceChildren(...listNotes());
    find("frozen").hidden = !plan;
    find("source").textContent = plan ? plan.files.source : "";
    find("files").replaceChildren(...(plan ? listFiles(plan) : []));
    gauge.textContent = plan?.seconds == null ? "Measure" : "Measure again";
    anyway.hidden = !plan?.problem;
    start.disabled = Boolean(busy) || !isReady();
    gauge.disabled = Boolean(busy) || plan?.calibration?.state === "running" || !work.known?.available;
    find("doing").textContent = busy || saySilence();
  }

  const isReady = () =>
    work.known?.available && isWhole() && work.plan && !work.plan.gate.length && (!work.plan.problem || insist.checked);

  function listNotes() {
    const problem = refused ?? unmeasured ?? (work.model || work.refused ? work.wrong : null);
    return [...(problem ? [drawProblem(problem, ...waysOf(problem))] : []), ...(work.plan ? drawFindings(work.plan) : [])];
  }

  async function act(words, job) {
    [busy, unmeasured, refused] = [words, null, null];
    draw();
    try {
      return await job((doing) => {
        busy = `${doing} …`;
        draw();
      });
    } finally {
      busy = "";
      draw();
    }
  }

  start.addEventListener("click", async () => {
    try {
      const { run } = await act("Starting …", (say) => launch(insist.checked, say));
      insist.checked = false;
      find("frozen").open = false; // the run takes the room
      goTo({ tab: "finetune", run });
      setTimeout(bringJob, SETTLED);
    } catch (problem) {
      refused = problem;
      draw();
    }
  });
  gauge.addEventListener("click", async () => {
    try {
      await act("Measuring …", measure);
    } catch (problem) {
      unmeasured = problem;
      draw();
    }
  });
  insist.addEventListener("change", draw);
  onWork(() => {
    if (work.stale || work.looking) [unmeasured, refused] = [null, null];
    draw();
  });
  draw();
}

/** On a small screen the panel of the run stands below what is seen. */
function bringJob() {
  const panel = document.getElementById("job");
  if (panel?.getBoundingClientRect().top > innerHeight - 120) panel.scrollIntoView();
}

function sayNow() {
  const { plan, looking, problems, stale } = work;
  if (looking) return "looking at the model …";
  if (Object.keys(problems).length) return "a value does not do";
  if (stale) return "planning …";
  if (!plan?.check) return "";
  const { state, done, total } = plan.check;
  if (CHECKING.has(state)) return total ? `checking ${count(done)} of ${count(total)} records …` : "checking the records …";
  return "";
}

/** Why nothing can be started, where nothing else says it. */
function saySilence() {
  if (work.known && !work.known.available) return "Training is not installed.";
  if (work.refused) return "Choose a base model that may be opened.";
  if (work.known && !work.model && !work.looking) return "Choose a base model first.";
  const wrong = Object.keys(work.problems);
  return wrong.length ? `Mend ${wrong.join(", ")} first.` : "";
}

function listFigures(plan, gauge) {
  const { steps, tokens, tokens_reason: why, memory, measured, free, device } = plan;
  const over = plan.problem ? "bad" : "";
  const room = free == null ? "" : `, ${bytes(free)} free`;
  return [
    ["Steps", steps == null ? "–" : count(steps), sayRounds(plan)],
    ["Tokens", tokens == null ? "–" : short(tokens), tokens == null ? why : "read in all"],
    ["Time", plan.seconds == null ? "–" : `≈ ${duration(plan.seconds)}`, sayTime(plan), "", gauge],
    ["Memory", `≈ ${bytes(measured ?? memory.total)}`, `${measured == null ? "an estimate" : "measured"}${room} on ${nameOf(device)}`, over],
  ];
}

const nameOf = ({ kind, name }) => (kind === "cpu" ? "this machine" : name);

const short = (n) => (n >= 1e6 ? `${(n / 1e6).toFixed(1)} M` : count(n));

function sayRounds({ options, model }) {
  if (model.kind === "tiny") return options.max_steps == null ? "as many as fit in a minute" : "as asked";
  const rows = options.per_device_train_batch_size * options.gradient_accumulation_steps;
  const each = `${counted(rows, "record")} a step`;
  if (options.max_steps != null) return each;
  const epochs = options.num_train_epochs;
  return `${epochs} ${epochs === 1 ? "epoch" : "epochs"}, ${each}`;
}

function sayTime({ calibration, seconds }) {
  if (calibration?.state === "running") return "measuring …";
  if (calibration?.state === "failed") return calibration.message;
  return seconds == null ? "not measured yet" : "of training, measured";
}

function drawFigure([name, value, words, kind = "", way = null]) {
  return el(
    "div",
    { class: kind },
    el("dt", { text: name }),
    el("dd", {}, value, el("small", { text: words }), way),
  );
}

function drawFindings({ gate, warnings, lost, problem, check }) {
  const notes = gate.map((one) =>
    drawNotice(
      { kind: "error", message: `${one.title}: ${counted(one.count, "record")}. This stops the launch.`, hint: one.explanation },
      way("prompt", "Go to Prompt"),
    ),
  );
  if (problem)
    notes.push(
      drawNotice({
        kind: "error",
        message: problem,
        hint: "Use a smaller batch, a smaller max length or an adapter; or insist below.",
      }),
    );
  if (check?.state === "failed") notes.push(drawNotice({ kind: "error", message: check.message, hint: "" }));
  const said = [...sayLost(lost), ...sayWarnings(warnings)];
  if (said.length) notes.push(el("p", { class: "tune-remark" }, el("span", { text: said.join(" ") }), way("prompt", "See in Prompt")));
  else if (check?.state === "done" && !gate.length)
    notes.push(el("p", { class: "tune-clean", text: "All records were checked: nothing stops it, and no answer is cut." }));
  return notes;
}

const way = (stage, text) => el("a", { class: "button small", href: `?tab=${stage}`, data: { go: stage }, text });

const waysOf = ({ message }) => (message.startsWith("The check stops") ? [way("prompt", "Go to Prompt")] : []);

function sayLost(found) {
  if (!found || !(found.lost || found.cut)) return [];
  const { lost, cut, max_length: length } = found;
  const whole = lost ? [`${counted(lost, "record")} keep nothing of the answer and are left out`] : [];
  const end = cut ? [`${counted(cut, "record")} lose its end`] : [];
  return [`Within ${count(length)} tokens ${[...whole, ...end].join(", ")}.`];
}

/** The findings that do not stop it; what is cut is said already. */
function sayWarnings(found) {
  const others = found.filter(({ code }) => code !== "answer-cut" && code !== "too-long");
  return others.length ? [`${others.map(({ title, count: n }) => `${title}: ${count(n)}`).join(", ")}; not a reason to stop.`] : [];
}

function listFiles({ files, model, records: learnt, held_back: held }) {
  const { source, sha256, records, template, parts } = files;
  const beside = held ? `, ${count(held)} choose the best checkpoint` : "";
  const recipe = el("a", { href: address(`tables/${work.table}/recipe.yaml`), download: "", text: "recipe.yaml" });
  return [
    ["File", `${source}, ${counted(records, "record")}`, ...(sha256 ? [el("code", { text: sha256.slice(0, 12), title: sha256 })] : [])],
    ["Parts", Object.entries(parts).map(([part, n]) => `${part} ${count(n)}`).join(", ")],
    ["Learnt from", `${counted(learnt, "record")} of the train part${beside}`],
    ["Template", template === "own" ? "your own" : template],
    ["Model", model.kind === "tiny" ? "tiny, made for the run" : model.name, ...(model.revision ? [el("code", { text: model.revision.slice(0, 12), title: model.revision })] : [])],
    ["Recipe", "", recipe, " is frozen into the run, with the data"],
  ].map(([name, ...said]) => el("div", {}, el("dt", { text: name }), el("dd", {}, ...said.flatMap((one) => [one, " "]))));
}
