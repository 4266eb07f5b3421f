// The lines of a log, and which rows they make: collapsed sections and a filter leave lines out, wrapped lines make several.

import { plain } from "./log-ansi.js";

const PARTS = 1024; // a row is line * PARTS + part; lines are cut at 8 KB on the server

export class LogLines {
  constructor() {
    Object.assign(this, { all: [], begin: 0, rows: [], collapsed: new Set(), stages: [], columns: 0, redrawn: null });
    this.isShown = () => true; // by index; headings always are
    this.isOf = () => true; // by line: what is looked at, of all there is
  }

  get last() {
    return this.all.length;
  }

  // What comes before line `first` is not here, or not yet: an index always is a line's number less one.
  beginAt(first) {
    if (this.last) return;
    this.begin = first - 1;
    this.all.length = this.begin;
  }

  // Lines just before those that are here.
  prepend({ f, n, b }) {
    if (!n || f + n - 1 !== this.begin) return;
    b.split("\n").forEach((row, at) => (this.all[f - 1 + at] = parsed(row)));
    this.begin = f - 1;
    this.rebuild();
  }

  // False when a line before the first of these is missing. What is known already is skipped.
  add({ f, n, b }) {
    const next = this.last + 1;
    if (f > next) return false;
    const fresh = b.split("\n").slice(next - f, n);
    fresh.forEach((row) => this.append(parsed(row)));
    return true;
  }

  // Lines that are lost for good keep their numbers, so that every link stays true.
  lose({ f, to }) {
    if (f > this.last + 1) return false;
    while (this.last < to) this.append({ time: this.all.at(-1)?.time ?? 0, source: "lost", text: "This line was lost." });
    return true;
  }

  append(line) {
    const index = this.all.length;
    if (line.source === "stage") this.stages.push(index);
    if (this.redrawn?.source === line.source) this.redrawn = null;
    this.all.push(line);
    this.show(index);
  }

  show(index) {
    const line = this.all[index];
    const stage = this.stageOf(index);
    if (line.source !== "stage" && (this.collapsed.has(stage) || !this.isShown(index))) return;
    const parts = this.columns ? Math.max(1, Math.ceil(shown(line).length / this.columns)) : 1;
    for (let part = 0; part < Math.min(parts, PARTS); part++) this.rows.push(index * PARTS + part);
  }

  // `columns` is where lines are wrapped; 0 for not at all.
  rebuild(columns = this.columns) {
    this.columns = columns;
    this.rows = [];
    this.showFrom(0);
  }

  // The rows of the lines from this index on, made anew.
  showFrom(first) {
    while (this.rows.length && this.rows.at(-1) >= first * PARTS) this.rows.pop();
    for (let index = Math.max(this.begin, first); index < this.all.length; index++) this.show(index);
  }

  at(row) {
    return { index: Math.floor(this.rows[row] / PARTS), part: this.rows[row] % PARTS };
  }

  // The row a line begins at, or -1 while its section is collapsed. Rows are in the order of lines.
  rowOf(index) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle] < index * PARTS) low = middle + 1;
      else high = middle;
    }
    return this.rows[low] === index * PARTS ? low : -1;
  }

  stageOf(index) {
    let [low, high] = [0, this.stages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.stages[middle] <= index) low = middle + 1;
      else high = middle;
    }
    return low ? this.stages[low - 1] : -1;
  }

  // Milliseconds to the next stage, or to the last line of a log that is over; null while it runs.
  lengthOf(stage, over) {
    const next = this.stages[this.stages.indexOf(stage) + 1];
    const end = next === undefined ? over && this.all.length - 1 : next;
    return end === false ? null : this.all[end].time - this.all[stage].time;
  }

  matches(words, from = 0) {
    const wanted = words.toLowerCase();
    const found = [];
    for (let index = Math.max(this.begin, from); index < this.all.length; index++) {
      if (shown(this.all[index]).toLowerCase().includes(wanted)) found.push(index);
    }
    return found;
  }

  text() {
    const here = this.all.slice(this.begin).filter((line) => this.isOf(line));
    return here.map((line) => (line.source === "stage" ? `\n== ${line.text} ==` : shown(line))).join("\n");
  }
}

function parsed(row) {
  const source = row.indexOf("\t");
  const text = row.indexOf("\t", source + 1);
  return { time: Number(row.slice(0, source)), source: row.slice(source + 1, text), text: row.slice(text + 1) };
}

const OWN = ["build", "build-error", "platform", "stage", "lost"];
export const isInstance = (line) => !OWN.includes(line.source);
export const prefix = (line) => (isInstance(line) ? `${line.source} │ ` : "");
export const shown = (line) => prefix(line) + plain(line.text);
