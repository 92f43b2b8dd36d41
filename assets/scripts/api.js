/* The server's own routes. An answer that is an error becomes a Problem with the server's words. */

/** What went wrong, in words: `message`, and `hint` on what to do next; `proposal` names options that would help. */
export class Problem extends Error {
  constructor(message, hint, status = 0, proposal = {}) {
    super(message);
    this.hint = hint;
    this.status = status;
    this.proposal = proposal;
  }
}

/** The address of a route below the page's own address. */
export const address = (path) => new URL(`api/v1/${path}`, document.baseURI).href;

export async function getJson(path, query = {}) {
  const url = new URL(address(path));
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== "" && one != null) url.searchParams.append(name, one);
  return (await request(url)).json();
}

export const getText = async (path) => (await request(address(path))).text();

/** A text to its last character; unlike `getText` it keeps a byte order mark at the start. */
export async function getExactText(path) {
  const bytes = await (await request(address(path))).arrayBuffer();
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

export const post = (path, body) => send("POST", path, body);

/** A request with `body` as JSON, if any; its answer, or null where there is none to read. `signal` may end it early. */
export async function send(method, path, body, { signal } = {}) {
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await request(address(path), { method, signal, ...(body === undefined ? {} : json) });
  return response.status === 204 ? null : response.json();
}

/** The text that a POST with `body` as JSON is answered with. */
export async function postText(path, body) {
  const headers = { "content-type": "application/json" };
  return (await request(address(path), { method: "POST", headers, body: JSON.stringify(body) })).text();
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Problem(
      "The studio does not answer.",
      "Is the server still running? Start it again and reload the page.",
    );
  }
  if (!response.ok) throw await readProblem(response);
  return response;
}

async function readProblem(response) {
  const body = await response.json().catch(() => ({}));
  const message = typeof body.error === "string" ? body.error : `The server answered ${response.status}.`;
  const hint = typeof body.hint === "string" ? body.hint : "Reload the page.";
  return new Problem(message, hint, response.status, body.proposal ?? {});
}
