// Which instances speak in a console, and the choice of one of them.

import { isInstance } from "./log-lines.js";

export class LogInstances {
  // `select` is null where there is no choice. `changed()` is called after one.
  constructor(select, lines, changed) {
    Object.assign(this, { select, lines, changed, known: new Set() });
    if (!select) return;
    for (const option of select.options) this.known.add(option.value);
    select.addEventListener("change", () => this.choose());
    this.choose();
  }

  // New lines may be of an instance that is not in the list yet.
  lookAt(from) {
    if (!this.select) return;
    for (let index = Math.max(from, this.lines.begin); index < this.lines.last; index++) {
      const line = this.lines.all[index];
      if (!this.known.has(line.source) && isInstance(line)) this.add(line.source);
    }
  }

  add(source) {
    this.known.add(source);
    this.select.add(new Option(source, source));
  }

  all() {
    this.select.value = "";
    this.choose();
  }

  // What the platform says of an instance begins with its name.
  choose() {
    const source = this.select.value;
    const says = (line) => line.source === "platform" && line.text.startsWith(`${source} `);
    this.lines.isOf = source ? (line) => line.source === source || says(line) : () => true;
    this.changed();
  }
}
