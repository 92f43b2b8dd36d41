/* Names of models and decodings as a person reads them. */

import { counted } from "../words.js";

/** "Base", "Tuned", "Step 40". */
export function nameModel(which) {
  const [, step] = /^step-(\d+)$/.exec(which) ?? [];
  return step ? `Step ${step}` : which === "base" ? "Base" : which === "tuned" ? "Tuned" : which;
}

/** "greedy, 64 tokens at most" or "temperature 0.8, top-p 0.95, seed 42, 64 tokens at most". */
export function nameDecoding({ method, max_new_tokens: most, temperature, top_p: share, seed }) {
  const chance = method === "sample" ? [`temperature ${temperature}`, `top-p ${share}`, `seed ${seed}`] : ["greedy"];
  return [...chance, `${counted(most, "token")} at most`].join(", ");
}

/** How an answer ended and what it took: "12 tokens · 0.4 s · ended by itself". */
export function describeAnswer({ tokens, seconds, finished, stopped }) {
  const end = finished ? "ended by itself" : stopped ? "stopped" : "cut at the limit";
  const took = tokens == null ? [] : [counted(tokens, "token"), `${seconds.toFixed(1)} s`];
  return [...took, end].join(" · ");
}
