/* The tokens of an example in a box: one element for each, what is said of one under the pointer or the focus. The
   keyboard comes to one of them, and goes to the others with the arrows. */

import { el } from "../dom.js";
import { visible } from "./text.js";
import { classesOf, describeToken } from "./tokenwords.js";

const LONGEST = 600; // characters of one token that are drawn
const GAP = 6; // px between a token and its words
const WAYS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -100, PageDown: 100 };

/** Makes `box` a box of tokens: {draw(tokens)}. */
export function tokenBox(box) {
  const tip = el("div", { class: "st token-tip", id: "token-tip", role: "tooltip", popover: "manual" });
  box.after(tip);
  let [tokens, at] = [[], 0];

  function draw(next) {
    const focused = box.contains(document.activeElement);
    tokens = next;
    at = Math.min(at, Math.max(0, tokens.length - 1));
    box.replaceChildren(...tokens.map(drawToken));
    hide();
    if (!tokens.length) return;
    box.children[at].tabIndex = 0;
    if (focused) box.children[at].focus({ preventScroll: true });
  }

  function move(to) {
    box.children[at]?.removeAttribute("tabindex");
    at = Math.max(0, Math.min(to, tokens.length - 1));
    const token = box.children[at];
    token.tabIndex = 0;
    token.focus();
  }

  function show(token) {
    const { place, text, words } = describeToken(tokens[Number(token.dataset.at)], Number(token.dataset.at));
    const spelled = text ? [el("code", { text })] : [];
    tip.replaceChildren(el("b", { text: place }), ...spelled, el("span", { text: words }));
    token.setAttribute("aria-describedby", tip.id);
    if (!tip.matches(":popover-open")) tip.showPopover();
    placeTip(tip, token.getClientRects()[0] ?? token.getBoundingClientRect());
  }

  function hide() {
    if (tip.matches(":popover-open")) tip.hidePopover();
    for (const token of box.querySelectorAll("[aria-describedby]")) token.removeAttribute("aria-describedby");
  }

  /** What the pointer has left; the token that has the focus keeps its words. */
  function settle() {
    const focused = document.activeElement;
    if (focused.matches(":focus-visible") && box.contains(focused) && focused.dataset.at) show(focused);
    else hide();
  }

  function go(event) {
    if (event.key === "Escape") return hide();
    const ways = {
      Home: () => 0,
      End: () => tokens.length - 1,
      ArrowUp: () => line(-1),
      ArrowDown: () => line(1),
    };
    const to = event.key in WAYS ? at + WAYS[event.key] : ways[event.key]?.();
    if (to === undefined || !tokens.length || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(to);
  }

  /** The token above or below the one at hand; the first or last one where there is no such line. */
  function line(way) {
    const rect = (i) => box.children[i].getBoundingClientRect();
    const from = rect(at);
    let best = null;
    for (let i = at + way; i >= 0 && i < tokens.length; i += way) {
      const here = rect(i);
      if (Math.abs(here.top - from.top) < from.height / 2) continue;
      if (best !== null && Math.abs(here.top - rect(best).top) > here.height / 2) break;
      if (best === null || Math.abs(here.left - from.left) < Math.abs(rect(best).left - from.left)) best = i;
    }
    return best ?? (way < 0 ? 0 : tokens.length - 1);
  }

  const tokenOf = (event) => event.target.closest?.("[data-at]");
  box.addEventListener("pointerover", (event) => tokenOf(event) && show(tokenOf(event)));
  box.addEventListener("pointerleave", settle);
  box.addEventListener("focusin", (event) => tokenOf(event) && show(tokenOf(event)));
  box.addEventListener("focusout", hide);
  box.addEventListener("scroll", hide);
  box.addEventListener("keydown", go);
  box.addEventListener("click", (event) => {
    const token = tokenOf(event);
    if (token && !getSelection().toString()) move(Number(token.dataset.at));
  });
  addEventListener("scroll", hide, { passive: true });
  return { draw };
}

function drawToken(token, i) {
  const { text } = token;
  const shown = text.length > LONGEST ? [...text.slice(0, LONGEST)].slice(0, -1).join("") : text;
  const label = text.trim() ? null : describeToken(token, i).text || "part of a character";
  const node = el("span", {
    class: classesOf(token, i),
    role: "option",
    "aria-label": label,
    data: { at: i },
  });
  node.append(...visible(shown));
  if (shown !== text) node.append(el("span", { class: "rest", "aria-hidden": "true" }));
  return node;
}

/** Below the token where there is room, else above; never beyond the window. */
function placeTip(tip, { left, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const below = bottom + GAP + height <= innerHeight;
  tip.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  tip.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - height)}px`;
}
