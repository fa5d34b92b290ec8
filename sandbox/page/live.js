// The one WebSocket to the sandbox: calls with their answers, and what happens meanwhile.

const AGAIN_MS = [250, 500, 1000, 2000];

// The token comes in the address's fragment, which browsers never send to a server. It leaves the
// address at once and is kept for reloads of this tab.
function token() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token") ?? "";
}

/** Told by its handlers: `event(happening)`, `trace(entry)`, `line(state)` with "open", "lost" or "refused". */
export class Live {
  constructor(handlers) {
    this.handlers = handlers;
    this.token = token();
    this.waiting = new Map();
    this.last = 0;
    this.failures = 0;
    this.open();
  }

  open() {
    const socket = new WebSocket(`ws://${location.host}/sandbox/live`);
    this.socket = socket;
    this.opened = new Promise((resolve) => {
      socket.onopen = () => { socket.send(JSON.stringify({ token: this.token })); this.failures = 0; resolve(); this.handlers.line("open"); };
    });
    socket.onmessage = ({ data }) => this.heard(JSON.parse(data));
    socket.onclose = ({ code }) => this.closed(code);
  }

  heard(message) {
    if ("event" in message) this.handlers.event(message.event);
    else if ("trace" in message) this.handlers.trace(message.trace);
    else {
      this.waiting.get(message.n)?.(message.answer);
      this.waiting.delete(message.n);
    }
  }

  closed(code) {
    for (const resolve of this.waiting.values()) resolve({ error: "The sandbox went away before it answered." });
    this.waiting.clear();
    if (code === 4401) return this.handlers.line("refused");
    this.handlers.line("lost");
    setTimeout(() => this.open(), AGAIN_MS[Math.min(this.failures++, AGAIN_MS.length - 1)]);
    return undefined;
  }

  /** One call of the control API, `"POST command"` and the like. Never rejects: refusals are `{error}`. */
  async call(name, body = {}) {
    if (this.socket.readyState !== WebSocket.OPEN) await this.opened;
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
