/* Pushing an export or a model to the Hugging Face Hub: first a look at what would be sent, then the sending, which goes on when
   the page is left. The token stands in its field alone: it goes with the request and is kept nowhere. */

import { drawPlan, drawSent } from "./plan.js";
import { getJson, post, send } from "../api.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { bytes } from "../words.js";

const PAUSE = 500; // ms between two looks

/** Opens the dialog for an export of this manifest. */
export const openPush = (id, manifest) =>
  openPushOf(`exports/${id}/push`, {
    about: describeLicense(manifest),
    placeholder: "name/dataset",
    sent: "The export is on the Hub.",
  });

/** Opens the dialog for what the route `path` pushes: `about` it, a `placeholder` for its name, what is said once it is
 * `sent`, and `what` the request names besides. */
export function openPushOf(path, { about, placeholder, sent, what = {} }) {
  const repo = el("input", {
    type: "text",
    placeholder,
    autocomplete: "off",
    spellcheck: "false",
  });
  const token = el("input", { type: "password", placeholder: "hf_…", autocomplete: "off" });
  const open = el("input", { type: "checkbox" });
  const agreed = el("input", { type: "checkbox" });
  const agree = el("label", { class: "check-line", hidden: true }, agreed, "Yes, change what is there");
  const said = el("div", { class: "push-said", "aria-live": "polite" });
  const look = button("button", "Show what would be sent");
  const push = button("button primary", "Push");
  const form = el(
    "form",
    { class: "push-form", autocomplete: "off" },
    el("p", { class: "quiet", text: about }),
    entry("Repository", repo, "Its owner and its name. It is made where it is not there, and private."),
    entry("Token", token, "With the right to write. It is used for this and kept nowhere."),
    el("label", { class: "check-line" }, open, "Public: anyone can see it"),
    said,
    agree,
  );
  openDialog("Push to the Hugging Face Hub", [form], look, push);
  let [call, looked, plan] = [0, "", null];

  const asked = () => ({ repo: repo.value.trim(), private: !open.checked });

  /** Only what was looked at is pushed, and what changes something there only with a yes. */
  function settle() {
    const same = plan && JSON.stringify(asked()) === looked;
    agree.hidden = !same || !plan.asks;
    push.disabled = !same || (plan.asks && !agreed.checked);
    look.disabled = !asked().repo;
  }

  async function run(dry) {
    const now = ++call;
    for (const one of [look, push]) one.disabled = true;
    if (dry) [plan, agreed.checked, agree.hidden] = [null, false, true];
    said.replaceChildren(
      drawNotice({ kind: "busy", message: dry ? "Asking the Hub …" : "Sending …", hint: "" }),
    );
    try {
      const body = { ...what, ...asked(), dry_run: dry, replace: agreed.checked, token: token.value.trim() };
      await follow(await post(path, body), now, JSON.stringify(asked()));
    } catch (problem) {
      if (now === call) said.replaceChildren(drawProblem(problem));
    }
    if (now === call) settle();
  }

  async function follow(first, now, words) {
    let answer = first;
    while (answer.state === "running" && now === call && said.isConnected) {
      if (!answer.dry_run && answer.total) said.replaceChildren(drawSending(answer));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      answer = await getJson(path);
    }
    if (now === call) take(answer, words);
  }

  function take({ state, problem, plan: found, dry_run: dry }, words) {
    if (state === "failed") return said.replaceChildren(drawProblem(problem));
    if (state === "stopped") {
      const hint = "Nothing of it is on the Hub.";
      return said.replaceChildren(drawNotice({ kind: "info", message: "The push is stopped.", hint }));
    }
    if (dry) [plan, looked] = [found, words];
    else [plan, looked, token.value] = [null, "", ""];
    said.replaceChildren(...(dry ? drawPlan(found) : drawSent(found, sent)));
  }

  function drawSending({ done, total }) {
    const stop = button("button small", "Stop");
    stop.addEventListener("click", () =>
      send("DELETE", path).catch((problem) => said.replaceChildren(drawProblem(problem))),
    );
    return drawNotice(
      { kind: "busy", message: "Sending …", hint: `${bytes(done)} of ${bytes(total)}` },
      stop,
    );
  }

  /** A push that goes on is found again. */
  async function resume() {
    const now = ++call;
    try {
      const answer = await getJson(path);
      if (answer.state !== "running" || now !== call) return;
      [repo.value, open.checked] = [answer.repo, !answer.private];
      for (const one of [look, push]) one.disabled = true;
      await follow(answer, now, JSON.stringify(asked()));
      if (now === call) settle();
    } catch (problem) {
      if (now === call) said.replaceChildren(drawProblem(problem));
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!look.disabled) run(true);
  });
  for (const field of [repo, open, agreed]) field.addEventListener("input", settle);
  look.addEventListener("click", () => run(true));
  push.addEventListener("click", () => run(false));
  settle();
  resume();
}

const button = (name, text) => el("button", { class: name, type: "button", text });

const entry = (label, field, hint) =>
  el("label", { class: "entry" }, label, field, el("small", { text: hint }));

function describeLicense({ recipe }) {
  const license = recipe.export.card?.license;
  if (license) return `The dataset card states the licence ${license}.`;
  return "This export has no dataset card, so no licence is stated. Write it again with one, if others will use it.";
}
