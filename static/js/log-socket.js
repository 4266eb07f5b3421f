// The connection of a log viewer: it comes back by itself, and asks for what comes after the last line it has.

const GOODBYE = {
  1000: "",
  4400: "This log cannot be shown.",
  4401: "You are logged out. Log in to go on.",
  4403: "You may no longer see this log.",
  4404: "You may no longer see this log.",
};
const COMES_BACK = { 1001: 100, 1012: 800 }; // ms: a proxy reloads, the server restarts
const SILENCE = 40000; // the server sends a heartbeat every 15 s
const ACK_LINES = 2500; // half of what the server sends without one
const ACK_WAIT = 1000;

export class LogSocket {
  // `last()` is the number of the last line; `take(message)` stores one and is false when a line before it is missing.
  // `tail` is how many lines are wanted to begin with; 0 for all.
  constructor(path, { tail, last, take, state }) {
    Object.assign(this, { path, tail, last, take, state, tries: 0, over: false });
    const now = () => this.timer && this.connect();
    addEventListener("online", now);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = null;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.acknowledged = this.last();
    const socket = new WebSocket(`${scheme}://${location.host}${this.path}?since=${this.acknowledged || -this.tail}`);
    this.socket = socket;
    socket.onmessage = (event) => socket === this.socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
    this.listen();
  }

  receive(message) {
    this.listen();
    this.tries = 0;
    if (message.t === "end") this.over = true;
    if (!this.take(message)) return this.again();
    if (this.last() - this.acknowledged >= ACK_LINES) this.acknowledge();
    else if (this.last() > this.acknowledged) this.waiting ||= setTimeout(() => this.acknowledge(), ACK_WAIT);
  }

  acknowledge() {
    clearTimeout(this.waiting);
    this.waiting = null;
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.acknowledged = this.last();
    this.socket.send(JSON.stringify({ t: "ack", s: this.acknowledged }));
  }

  // A dead path looks like a quiet build: after a while without heartbeat the connection is made anew.
  listen() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.again(), SILENCE);
  }

  again() {
    const socket = this.socket;
    this.socket = null;
    socket.close();
    this.closed(1001);
  }

  closed(code) {
    clearTimeout(this.silence);
    this.socket = { readyState: WebSocket.CLOSED };
    if (this.over || code in GOODBYE) return this.state("closed", GOODBYE[code] ?? "");
    this.state("reconnecting", "Reconnecting");
    const wait = (this.tries === 0 && COMES_BACK[code]) || Math.min(1000 * 2 ** this.tries, 30000);
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), wait * (0.7 + Math.random() * 0.6));
  }
}
