// The log viewer: connects what arrives, what is shown, and what a person presses.

import { LogLines } from "./log-lines.js";
import { LogInstances } from "./log-instances.js";
import { TIME, lineRow, progressRow, stageRow } from "./log-row.js";
import { CONTEXT, LogSearch } from "./log-search.js";
import { LogSocket } from "./log-socket.js";
import { LogWindow, ROW } from "./log-window.js";

const NUMBER = 8; // letters of the line number's column
const PADDING = 16; // pixels after a line

class LogViewer {
  constructor(root) {
    this.part = (name) => root.querySelector(`[data-log-${name}]`);
    Object.assign(this, { root, lines: new LogLines(), seen: 0, over: false });
    this.search = new LogSearch(root.dataset.search, this.lines, () => this.found());
    this.lines.isShown = (index) => this.search.shows(index) && this.lines.isOf(this.lines.all[index]);
    this.window = new LogWindow(this.part("scroll"), this.part("lines"), {
      count: () => this.lines.rows.length + (this.lines.redrawn ? 1 : 0),
      draw: (row) => this.draw(row),
      moved: () => this.moved(),
    });
    this.instances = new LogInstances(this.part("instance"), this.lines, () => this.refilter());
    this.listen();
    this.lookAtHash();
    this.socket = new LogSocket(root.dataset.log, {
      tail: Number(root.dataset.tail ?? 0),
      last: () => this.lines.last,
      take: (message) => this.take(message),
      state: (name, words) => this.show(name, words),
    });
  }

  take(message) {
    const before = this.lines.last;
    const stage = this.lines.stages.at(-1);
    switch (message.t) {
      case "hello":
        this.lines.beginAt(message.first);
        this.show("live", "");
        this.part("empty").hidden = message.last > 0;
        return true;
      case "c":
        if (!this.lines.add(message)) return false;
        break;
      case "gap":
        if (!this.lines.lose(message)) return false;
        break;
      case "p":
        this.lines.redrawn = { source: message.s, text: message.b };
        break;
      case "end":
        this.over = true;
        this.lines.redrawn = null;
        this.window.refresh();
        break;
    }
    this.arrived(before, stage);
    return true;
  }

  arrived(before, stage) {
    if (this.lines.last) this.part("empty").hidden = true;
    this.instances.lookAt(before);
    this.window.refresh(this.progressAt ?? -1);
    this.progressAt = this.lines.redrawn ? this.lines.rows.length : undefined;
    if (stage !== undefined && stage !== this.lines.stages.at(-1)) this.window.refresh(this.lines.rowOf(stage));
    this.search.matchFrom(before);
    if (this.isFiltered) {
      this.lines.showFrom(before - CONTEXT);
      this.window.refresh();
    }
    if (this.wanted && this.lines.last >= this.wanted) this.goTo(this.wanted - 1);
    this.window.paint();
  }

  draw(row) {
    if (row === this.lines.rows.length) return progressRow(this.lines.redrawn);
    const { index, part } = this.lines.at(row);
    const line = this.lines.all[index];
    if (line.source === "stage") {
      return stageRow(line, index, this.lines.collapsed.has(index), this.lines.lengthOf(index, this.over));
    }
    const node = lineRow(line, index, part, this.lines.columns, this.times);
    node.classList.toggle("is-linked", index + 1 === this.linked);
    node.classList.toggle("is-current", this.search.isCurrent(index));
    node.classList.toggle("is-match", this.search.isMatch(index));
    return node;
  }

  // After each paint: what stands around the lines.
  moved() {
    const total = this.lines.last;
    if (this.window.follow) this.seen = total;
    const behind = total - this.seen;
    this.part("jump").hidden = this.window.follow;
    if (this.root.dataset.lines) this.part("earlier").hidden = !this.lines.begin || this.isAll || !this.lines.rows.length;
    this.part("behind").textContent = behind ? `${behind.toLocaleString()} new ${behind === 1 ? "line" : "lines"}` : "Jump to the end";
    if (this.state === "live") this.part("state").textContent = this.counted();
    this.part("found").textContent = this.search.said;
  }

  counted() {
    const total = this.lines.last - this.lines.begin;
    return `${total.toLocaleString()} ${total === 1 ? "line" : "lines"}`;
  }

  show(name, words) {
    this.state = name;
    this.root.dataset.state = name;
    this.part("state").textContent = words || this.counted();
  }

  listen() {
    const on = (name, type, action) => this.part(name).addEventListener(type, action);
    on("jump", "click", () => this.window.goToEnd());
    on("wrap", "click", (event) => this.wrap(event.currentTarget));
    on("copy", "click", (event) => copy(this.lines.text(), event.currentTarget));
    on("lines", "click", (event) => this.fold(event.target.closest("[data-stage]")));
    on("search", "submit", (event) => event.preventDefault());
    on("search", "input", (event) => this.search.type(event.target.value));
    on("search", "keydown", (event) => event.target.matches("input") && event.key === "Enter" && this.step(event.shiftKey ? -1 : 1));
    on("only", "click", () => this.filterByHand());
    if (this.root.dataset.lines) {
      on("earlier", "click", () => this.earlier(this.lines.begin - 1));
      on("times", "click", () => this.showTimes(!this.times));
      this.showTimes(true);
    }
    for (const button of this.root.querySelectorAll("[data-log-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset.logStep)));
    }
    addEventListener("hashchange", () => this.lookAtHash());
    addEventListener("resize", () => this.lines.columns && this.rewrap());
  }

  fold(button) {
    if (!button) return;
    const stage = Number(button.dataset.stage);
    if (!this.lines.collapsed.delete(stage)) this.lines.collapsed.add(stage);
    this.window.follow = false;
    this.lines.rebuild();
    this.window.refresh();
    requestAnimationFrame(() => this.root.querySelector(`[data-stage="${stage}"]`)?.focus());
  }

  wrap(button) {
    const wrapped = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(wrapped));
    this.rewrap(wrapped);
  }

  rewrap(wrapped = true) {
    const top = this.lines.rows.length ? this.lines.at(Math.min(Math.floor(this.window.top / ROW), this.lines.rows.length - 1)) : null;
    this.lines.rebuild(wrapped ? columnsOf(this.part("scroll"), this.times ? NUMBER + TIME : NUMBER) : 0);
    this.window.refresh();
    if (top && !this.window.follow) this.part("scroll").scrollTop = this.lines.rowOf(top.index) * ROW;
  }

  // The server has answered.
  found() {
    if (this.search.only) this.refilter();
    this.window.refresh();
    this.step(1);
  }

  step(by) {
    const index = this.search.step(by);
    if (index >= 0) this.goTo(index);
    this.window.refresh();
  }

  get isFiltered() {
    return this.search.only && Boolean(this.search.words);
  }

  filterByHand() {
    this.filter(!this.search.only);
    this.refilter();
    if (this.search.current >= 0) this.goTo(this.search.found[this.search.current]);
  }

  filter(only) {
    this.search.only = only;
    this.part("only").setAttribute("aria-pressed", String(only));
  }

  refilter() {
    this.lines.rebuild();
    this.window.refresh();
  }

  // A line may still be on its way, or lie before those that are here: it is shown when it comes.
  goTo(index) {
    this.window.follow = false;
    this.wanted = index + 1;
    if (index < this.lines.begin) this.earlier(index);
    else if (this.lines.last > index) this.goToLine(index);
  }

  // Fetch what comes before, until this line is here too. What is in sight stays where it is.
  async earlier(index) {
    if (this.fetching || !this.lines.last) return;
    this.fetching = true;
    try {
      while (this.lines.begin > Math.max(index, 0) && !this.isAll) await this.fetchEarlier();
    } finally {
      this.fetching = false;
    }
    if (this.wanted && this.wanted > this.lines.begin) this.goToLine(this.wanted - 1);
    else this.wanted = 0;
  }

  async fetchEarlier() {
    const answer = await fetch(`${this.root.dataset.lines}?before=${this.lines.begin + 1}`, { cache: "no-store" });
    const page = answer.ok ? await answer.json() : { n: 0 };
    const top = this.lines.rows.length ? this.lines.at(Math.min(Math.floor(this.window.top / ROW), this.lines.rows.length - 1)) : null;
    const begin = this.lines.begin;
    this.lines.prepend(page);
    this.isAll = this.lines.begin === begin;
    this.instances.lookAt(this.lines.begin);
    this.window.refresh();
    if (top && page.n) this.window.keep(this.lines.rowOf(top.index));
  }

  showTimes(times) {
    this.times = times;
    const zone = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts().find((part) => part.type === "timeZoneName").value;
    this.part("zone").textContent = zone.replace("GMT", "UTC");
    this.part("times").setAttribute("aria-pressed", String(times));
    if (this.lines.columns) this.rewrap();
    this.window.refresh();
  }

  lookAtHash() {
    const number = Number(location.hash.match(/^#L([1-9]\d{0,8})$/)?.[1] ?? 0);
    this.linked = number;
    if (number) this.goTo(number - 1);
    this.window.refresh();
  }

  goToLine(index) {
    this.wanted = 0;
    if (this.lines.rowOf(index) < 0) {
      this.lines.collapsed.delete(this.lines.stageOf(index));
      if (!this.search.shows(index)) this.filter(false);
      if (!this.lines.isOf(this.lines.all[index])) this.instances.all();
      this.refilter();
    }
    this.window.goTo(this.lines.rowOf(index));
  }
}

// How many letters of a line fit beside `taken` others.
function columnsOf(scroll, taken) {
  const probe = document.createElement("span");
  probe.className = "log-probe";
  probe.textContent = "0".repeat(100);
  scroll.append(probe);
  const width = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return Math.max(20, Math.floor((scroll.clientWidth - PADDING) / width) - taken);
}

async function copy(text, button) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyWithoutClipboard(text);
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1500);
}

// Browsers give the clipboard to secure pages only; a dashboard on a plain http address is none.
function copyWithoutClipboard(text) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

for (const root of document.querySelectorAll("[data-log]")) new LogViewer(root);
