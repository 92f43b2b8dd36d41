/* The order in which runs wait. Knows ids and places alone. */

/** The ids of the waiting runs, the next one first. */
export const queueOf = (runs) =>
  runs
    .filter(({ place }) => place)
    .sort((one, other) => one.place - other.place)
    .map(({ run }) => run);

/** The queue with the runs at `at` and after it in the other order. */
export const swap = (queue, at) => [...queue.slice(0, at), queue[at + 1], queue[at], ...queue.slice(at + 2)];
