/* What a run's process wrote, and a search in it. The server searches, to the first line of the log. */

import { getText } from "../api.js";
import { drawHits } from "../browse/hits.js";
import { debounce } from "../dom.js";
import { counted } from "../words.js";

const LINES = 1000;
const LOOK = 2500; // ms between two looks at what is being written

/** The log in `room`, a <details>; `read(run)` draws it anew where it is open, `follow` as the run goes on. */
export function makeLog(room) {
  const [box, box_search, words] = ["[data-log]", "input", "[data-found]"].map((name) =>
    room.querySelector(name),
  );
  let [run, asked, ended, looked] = ["", 0, false, 0];

  async function read(id = run) {
    if (id !== run) clear();
    run = id;
    if (!room.open || !run) return;
    const [call, search] = [++asked, box_search.value.trim()];
    const query = new URLSearchParams({ tail: LINES, search });
    const text = await getText(`runs/${run}/log?${query}`).catch((problem) => problem.message);
    if (call === asked) draw(text, search);
  }

  function draw(text, search) {
    const lines = text ? text.split("\n").length : 0;
    const most = lines >= LINES ? "last " : "";
    words.textContent = search
      ? `${most}${counted(lines, "line")} with it`
      : most && `${most}${counted(lines, "line")}`;
    const none = search ? "No line has it." : "Nothing is written yet.";
    const follows = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
    box.replaceChildren(text ? drawHits("span", {}, text, search ? findHits(text, search) : []) : none);
    if (follows && !search) box.scrollTop = box.scrollHeight;
  }

  function clear() {
    box_search.value = "";
    box.replaceChildren();
    words.textContent = "";
  }

  room.addEventListener("toggle", () => read());
  box_search.addEventListener(
    "input",
    debounce(() => read(), 250),
  );
  /** Reads again now and then while the run goes on, and once when it is over. */
  function follow(over) {
    if (over ? ended : performance.now() - looked < LOOK) return;
    [ended, looked] = [over, performance.now()];
    read();
  }

  return { read, follow };
}

/** Where `search` stands in a text, in whatever case: [[from, to]] in UTF-16 units. */
export function findHits(text, search) {
  const pattern = new RegExp(search.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => [index, index + found.length]);
}
