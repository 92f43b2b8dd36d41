/* The test records of a page: one is at hand, which the keys move and mark. What has not changed is not drawn again. */

import { post, send } from "../api.js";
import { el } from "../dom.js";
import { pairArticle } from "./pair.js";
import { PAGE, askSides } from "./query.js";
import { loadShows } from "./tools.js";

/** `about()` is {run, ask}; `on` has onTally(tally), onProblem(problem), reload() and turn(by), which resolve once drawn. */
export function pairList(root, about, on) {
  let [drawn, shown, total, at, shows, undoKey] = [new Map(), [], 0, null, loadShows(), ""];

  function draw(found, ask) {
    const { run } = about();
    const kept = new Map();
    for (const { mark, ...pair } of found.pairs) {
      const spelled = JSON.stringify([run, ask.left, ask.right, pair]);
      const known = drawn.get(pair.row)?.spelled === spelled ? drawn.get(pair.row) : null;
      const article = known?.article ?? pairArticle({ ...pair, mark }, shows, about, { mark: markPair, focus: (row) => (at = row) });
      article.setMark(mark);
      kept.set(pair.row, { spelled, article });
    }
    drawn = kept;
    shown = [...kept.values()].map(({ article }) => article);
    [total, undoKey] = [found.total, found.tally.undo];
    place(shown.map(({ node }) => node));
    if (!shown.length) root.replaceChildren(el("p", { class: "no-pairs quiet", text: nothing(found) }));
  }

  /** Leaves alone what stands where it should, so that the page does not jump and the focus stays. */
  function place(nodes) {
    const same = nodes.length === root.children.length && nodes.every((node, i) => node === root.children[i]);
    if (!same) root.replaceChildren(...nodes);
  }

  async function markPair(pair, mark) {
    const { run, ask } = about();
    const wanted = pair.mark === mark ? null : mark;
    try {
      const tally = await send("PUT", `${withSides(`runs/${run}/pairs/${pair.key}/mark`, ask)}`, { mark: wanted });
      for (const article of shown) if (article.pair.key === pair.key) article.setMark(wanted);
      undoKey = tally.undo;
      on.onTally(tally);
    } catch (problem) {
      on.onProblem(problem);
    }
  }

  async function undo() {
    if (!undoKey) return;
    const { run, ask } = about();
    const key = undoKey;
    try {
      await post(withSides(`runs/${run}/pairs/undo`, ask));
      await on.reload();
      shown.find(({ pair }) => pair.key === key)?.node.focus();
    } catch (problem) {
      on.onProblem(problem);
    }
  }

  const current = () => shown.findIndex(({ pair }) => pair.row === at);

  /** To the next record or the one before; at the end of the page to the next page. */
  async function move(by) {
    const to = current() < 0 ? (by > 0 ? 0 : shown.length - 1) : current() + by;
    if (shown[to]) return shown[to].node.focus();
    const { ask } = about();
    if (by > 0 ? ask.at + PAGE >= total : ask.at === 0) return;
    await on.turn(by);
    shown.at(by > 0 ? 0 : -1)?.node.focus();
  }

  /** Does something with the record at hand; false where none is. */
  const withCurrent = (work) => {
    const article = shown[current()];
    return article ? void work(article) : false;
  };

  return {
    draw,
    undo,
    move,
    markCurrent: (mark) => withCurrent(({ pair }) => markPair(pair, mark)),
    openNearest: () => withCurrent((article) => article.openNearest()),
    unfold: () => withCurrent((article) => article.unfold()),
    mark(chosen) {
      shows = chosen;
      for (const { article } of drawn.values()) article.setShows(shows);
    },
    forget() {
      [drawn, shown, at] = [new Map(), [], null];
    },
  };
}

const withSides = (path, ask) => `${path}?${new URLSearchParams(askSides(ask))}`;

function nothing({ records }) {
  return records ? "No test record is like that. Take another filter, or another search." : "";
}
