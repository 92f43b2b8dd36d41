/* The findings of a check in the order in which they matter, and the sentence above them. Knows nothing of the page. */

import { count, counted } from "../words.js";

const RENDERED = "rendered"; // says how many records render: no problem, the good news

/** The findings that say something, those that stop a launch first, else as the check lists them. */
export function orderFindings(findings) {
  const found = findings.filter((one) => one.code !== RENDERED && one.count > 0);
  return [...found.filter((one) => one.blocks), ...found.filter((one) => !one.blocks)];
}

/** The sentence above the list: {text, kind: "calm" | "warn" | "stop"}. */
export function sayReport({ findings, done, state }) {
  const found = orderFindings(findings);
  const blocking = found.filter((one) => one.blocks).length;
  const rendered = findings.find((one) => one.code === RENDERED)?.count ?? done;
  const renders = `${counted(rendered, "record")} ${rendered === 1 ? "renders" : "render"}`;
  const sofar = state === "done" ? "" : " so far";
  if (blocking) {
    const stops = blocking === 1 ? "1 finding stops a launch" : `${count(blocking)} findings stop a launch`;
    return { text: `${stops}. ${renders}${sofar}.`, kind: "stop" };
  }
  const calm = `${renders}${sofar}; nothing stops a launch.`;
  if (!found.length) return { text: calm, kind: "calm" };
  return { text: `${calm} ${counted(found.length, "warning")} to look at.`, kind: "warn" };
}
