/* The choosers of a Hub dataset: its configs and splits as the Hub names them, asked for when a person stops typing. */

import { getJson } from "../api.js";
import { debounce, el } from "../dom.js";
import { bytes, count, counted } from "../words.js";

const PAUSE = 600; // ms
const FIRST = "train"; // the split that is meant when a person names none

/** Choosers in `box`; `see(address)` is told what stands in the source box, `choice()` is what was chosen. */
export function hubChooser(box) {
  const find = (name) => box.querySelector(`[data-${name}]`);
  const [status, chooser, config, split] = ["status", "choosers", "config", "split"].map(find);
  let [shown, asked, known] = ["", 0, null];

  async function ask({ hub, revision, config: wanted }) {
    const call = ++asked;
    say(`Asking the Hub for ${hub} …`);
    try {
      const found = await getJson("hub", { name: hub, revision });
      if (call === asked) draw(found, wanted);
    } catch (problem) {
      if (call === asked) say(`${problem.message} ${problem.hint}`, "refused");
    }
  }

  const askLater = debounce((address) => nameOf(address) === shown && !known && ask(address), PAUSE);

  function see(address, { now = false } = {}) {
    const name = nameOf(address);
    box.hidden = !name;
    if (name !== shown) {
      [shown, known] = [name, null];
      asked += 1;
      chooser.hidden = true;
      say("");
    } else if (known || !now) return;
    if (!name) return;
    if (now) ask(address);
    else askLater(address);
  }

  function draw(found, wanted) {
    known = found;
    const configs = found.configs.map(({ name, bytes: size }) =>
      drawOption(name, size == null ? "" : bytes(size)),
    );
    const named = [wanted, found.config, configs.length === 1 ? configs[0].value : null];
    const meant = named.find((name) => configs.some(({ value }) => value === name)) ?? "";
    config.replaceChildren(...(meant ? [] : [drawOption("", "choose one")]), ...configs);
    config.value = meant;
    drawSplits();
    chooser.hidden = false;
    say(describe(found));
  }

  function drawSplits() {
    const splits = known.configs.find(({ name }) => name === config.value)?.splits ?? [];
    const options = splits.map(({ name, records }) =>
      drawOption(name, records == null ? "" : counted(records, "record")),
    );
    if (splits.length > 1) options.push(drawOption("all", "", "all splits"));
    split.replaceChildren(...options);
    split.value = splits.some(({ name }) => name === FIRST) ? FIRST : (splits[0]?.name ?? "");
  }

  function say(text, kind = "") {
    status.textContent = text;
    status.dataset.kind = kind;
  }

  config.addEventListener("change", drawSplits);
  return {
    see,
    choice: () => (known && !box.hidden ? { config: config.value, split: split.value } : {}),
  };
}

const drawOption = (value, more, text = value) =>
  el("option", { value, text: [text, more].filter(Boolean).join(" · ") });

const nameOf = ({ hub, revision, config }) => (hub ? [hub, revision, config].join(" ") : "");

function describe({ revision, gated, configs }) {
  const words = [configs.length > 1 ? `${count(configs.length)} configs` : "One config"];
  if (revision) words.push(`revision ${revision.slice(0, 8)}`);
  if (gated) words.push("gated: read with your own token");
  return words.join(" · ");
}
