// The one WebSocket to the sandbox: calls with their answers, and what happens meanwhile.

import { kept, keep } from "./store.js";

const AGAIN_MS = [250, 500, 1000, 2000];
const GONE = { error: "The sandbox is gone. Start it again with make try." };
const REFUSED = { error: "The sandbox does not know this page. Open the address that make try printed." };

// The token comes in the address's fragment, which browsers never send to a server. It leaves the
// address at once and is kept for reloads of this tab.
function token() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    keep("token", given, true);
    history.replaceState(null, "", location.pathname);
  }
  return given ?? kept("token", true) ?? "";
}

/** Told by its handlers: `event(happening)`, `trace(entry)`, `line(state)` with "open", "lost" or "refused". */
export class Live {
  constructor(handlers) {
    this.handlers = handlers;
    this.token = token();
    this.waiting = new Map();
    this.last = 0;
    this.failures = 0;
    this.state = "opening";
    // An address pasted over this one only changes the fragment: no page is loaded.
    addEventListener("hashchange", () => {
      this.token = token();
      this.failures = 0;
      if (this.state === "refused") this.open(); else this.socket.close();
    });
    this.open();
  }

  open() {
    clearTimeout(this.again);
    const socket = new WebSocket(`ws://${location.host}/sandbox/live`);
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ token: this.token }));
      this.become("open");
    };
    socket.onmessage = ({ data }) => this.heard(JSON.parse(data));
    socket.onclose = ({ code }) => this.closed(code);
  }

  become(state) {
    this.state = state;
    this.handlers.line(state);
  }

  heard(message) {
    this.failures = 0;
    if ("event" in message) this.handlers.event(message.event);
    else if ("trace" in message) this.handlers.trace(message.trace);
    else {
      this.waiting.get(message.n)?.(message.answer);
      this.waiting.delete(message.n);
    }
  }

  closed(code) {
    const refused = code === 4401;
    for (const resolve of this.waiting.values()) resolve(refused ? REFUSED : GONE);
    this.waiting.clear();
    this.become(refused ? "refused" : "lost");
    if (!refused) this.again = setTimeout(() => this.open(), AGAIN_MS[Math.min(this.failures++, AGAIN_MS.length - 1)]);
  }

  /** One call of the control API, `"POST command"` and the like. Never rejects: refusals are `{error}`. */
  async call(name, body = {}) {
    if (this.socket.readyState !== WebSocket.OPEN) return this.state === "refused" ? REFUSED : GONE;
    const n = ++this.last;
    return new Promise((resolve) => {
      this.waiting.set(n, resolve);
      this.socket.send(JSON.stringify({ n, call: name, body }));
    });
  }
}

/** A File as the control API takes it. */
export async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { filename: file.name, base64: btoa(text) };
}
