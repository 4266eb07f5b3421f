// Draws one row of a log.

import { pieces, slice } from "./log-ansi.js";
import { isInstance, prefix } from "./log-lines.js";

const COLOURS = 6;

function element(name, className, text = "") {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}

// `part` of a wrapped line at `columns`; 0 columns for the whole line. `times`: with the time of each line.
export function lineRow(line, index, part, columns, times) {
  const row = element("div", "log-row");
  row.dataset.source = isInstance(line) ? "instance" : line.source;
  const number = element("a", "log-number", part === 0 ? String(index + 1) : "");
  if (part === 0) {
    number.href = `#L${index + 1}`;
    number.title = new Date(line.time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  }
  row.append(number);
  if (times) row.append(element("span", "log-time", part === 0 ? clock(line.time) : ""));
  row.append(text(line, part, columns));
  return row;
}

// Month, day and time in the browser's zone: TIME letters.
export const TIME = 19;
function clock(ms) {
  const at = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

export function progressRow({ source, text: shown }) {
  return lineRow({ source, text: shown, time: Date.now() }, -1, 1, 0);
}

function text(line, part, columns) {
  const node = element("span", "log-text");
  const label = prefix(line);
  let all = pieces(line.text);
  if (label) all = [{ text: label, classes: ["log-instance", `log-instance-${colourOf(line.source)}`] }, ...all];
  if (columns) all = slice(all, part * columns, (part + 1) * columns);
  for (const piece of all) {
    const span = element("span", piece.classes.join(" "), piece.text);
    if (piece.colour) span.style.color = piece.colour;
    if (piece.background) span.style.backgroundColor = piece.background;
    node.append(span);
  }
  return node;
}

function colourOf(name) {
  const number = Number(name.match(/(\d+)$/)?.[1] ?? 0);
  return number % COLOURS;
}

// A stage's heading: folds its section away; `length` in ms, null while it runs.
export function stageRow(line, index, folded, length) {
  const row = element("div", "log-row log-stage");
  const button = element("button", "log-fold");
  button.type = "button";
  button.dataset.stage = index;
  button.setAttribute("aria-expanded", String(!folded));
  button.append(element("span", "log-fold-mark"), element("strong", "", line.text[0].toUpperCase() + line.text.slice(1)));
  const time = element("time", "log-length", length === null ? "" : seconds(length));
  if (length === null) {
    time.dateTime = new Date(line.time).toISOString();
    time.dataset.since = "";
  }
  button.append(time);
  row.append(button);
  return row;
}

function seconds(ms) {
  if (ms < 10000) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`;
}
