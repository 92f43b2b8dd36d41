/* Loading: a request goes to the server, the page goes to the table as soon as there is something to browse, and what
   went wrong is said with the ways out that the server proposes. */

import { post } from "../api.js";
import { isReading, noteReading, onReadings } from "./ingests.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goToTable, readPlace } from "../place.js";
import { drawProposals } from "./proposals.js";

const SOON = 250; // ms in which a small file is read, and nothing needs to be said
const awaited = new Set(); // readings begun on this page whose first record is not there yet
let room = null;
let asked = 0;

/** The view: where loading says what it has to say. */
export function loading({ element }) {
  room = element.querySelector("[data-said]");
  onReadings(({ readings, ended }) => {
    for (const body of [...readings, ...ended]) if (awaited.has(body.id)) follow(body);
  });
}

/** Asks for {source | upload | sample | again, options}; `name` is what the person calls it. */
export async function load(request, name) {
  const call = ++asked;
  const tell = (...nodes) => call === asked && say(...nodes);
  tell();
  const slow = setTimeout(tell, SOON, drawNotice({ kind: "busy", message: `Reading ${name} …` }));
  try {
    const body = await post("ingests", request);
    tell(...(body.reused ? [drawReused(body)] : []));
    awaited.add(body.id);
    follow(body);
    if (isReading(body)) noteReading(body);
    return true;
  } catch (problem) {
    const retry = (choice) => load({ ...request, options: { ...request.options, ...choice } }, name);
    tell(drawWays(problem, retry));
    return false;
  } finally {
    clearTimeout(slow);
  }
}

/** A problem with the ways out of it as buttons; where there are some, the hint would say the same again. */
export function drawWays({ message, hint, proposal }, choose) {
  const ways = drawProposals(proposal, choose);
  return drawProblem({ message, hint: ways.length ? "" : hint }, ...ways);
}

/** Goes to the table once it can be browsed, unless the person has gone elsewhere by then. */
function follow(body) {
  if (!body.table && isReading(body)) return;
  awaited.delete(body.id);
  if (body.table && readPlace().tab === "load") goToTable(body.id, "load");
}

function say(...nodes) {
  room.replaceChildren(...nodes);
  nodes[0]?.scrollIntoView({ block: "nearest" });
}

function drawReused({ name }) {
  return drawNotice({
    kind: "done",
    message: `${name} is here already.`,
    hint: "Its file has not changed since it was read, so nothing had to be read again.",
  });
}
