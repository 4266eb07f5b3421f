// Words in a log: the server looks through all it has stored, this page through what came after that.

const WAIT = 200; // ms without a further letter
export const CONTEXT = 2; // lines shown around a match while only matches are

export class LogSearch {
  // `changed()` is called when there is something new to show.
  constructor(address, lines, changed) {
    Object.assign(this, { address, lines, changed, words: "", only: false });
    this.forget();
  }

  forget() {
    Object.assign(this, { found: [], known: new Set(), through: 0, total: 0, current: -1 });
    this.asking?.abort();
  }

  type(words) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.look(words.trim().toLowerCase()), WAIT);
  }

  async look(words) {
    this.words = words;
    this.forget();
    if (words) {
      this.asking = new AbortController();
      const { total, hits, through } = await this.ask(words, this.asking.signal);
      if (words !== this.words) return;
      this.through = through;
      this.total = total;
      hits.forEach((number) => this.add(number - 1));
      this.matchFrom(through);
    }
    this.changed();
  }

  // Without the server's answer the lines of this page are what there is.
  async ask(words, signal) {
    const nothing = { total: 0, hits: [], through: 0 };
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(words)}`, { signal, cache: "no-store" });
      return answer.ok ? await answer.json() : nothing;
    } catch {
      return nothing;
    }
  }

  // Lines from this index on are new. Those that the server looked at are counted already.
  matchFrom(index) {
    if (!this.words) return;
    for (const each of this.lines.matches(this.words, Math.max(index, this.through))) {
      this.add(each);
      this.total += 1;
    }
  }

  add(index) {
    this.found.push(index);
    this.known.add(index);
  }

  // The next match, or the one before; -1 when there is none.
  step(by) {
    if (!this.found.length) return -1;
    this.current = (this.current + by + this.found.length) % this.found.length;
    return this.found[this.current];
  }

  isMatch(index) {
    return this.known.has(index);
  }

  isCurrent(index) {
    return index === this.found[this.current];
  }

  // Whether a line is near a match, while only those are shown. Headings always are.
  shows(index) {
    if (!this.only || !this.words) return true;
    for (let near = index - CONTEXT; near <= index + CONTEXT; near++) if (this.known.has(near)) return true;
    return false;
  }

  get said() {
    if (!this.words) return "";
    const all = this.total.toLocaleString();
    const reached = this.found.length < this.total ? `first ${this.found.length.toLocaleString()} of ${all}` : all;
    return this.total ? `${this.current + 1} of ${reached}` : "No match";
  }
}
