// A windowed list: of any number of rows only those in sight are in the page. Every row has the same height.

export const ROW = 20;
const SPARE = 12;
const NEAR_END = 40;

export class LogWindow {
  // `draw(row)` makes the element of a row; `count()` is how many there are.
  constructor(scroll, list, { draw, count, moved }) {
    Object.assign(this, { scroll, list, draw, count, moved, nodes: new Map(), follow: true, top: 0 });
    scroll.style.setProperty("--log-row", `${ROW}px`);
    scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.paint()).observe(scroll);
  }

  // Only a person scrolls up; growing content never does.
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.follow = true;
    else if (scrollTop < this.top) this.follow = false;
    this.top = scrollTop;
    this.paint();
  }

  paint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = null;
      this.render();
    });
  }

  render() {
    const count = this.count();
    this.list.style.height = `${count * ROW}px`;
    if (this.follow) this.scroll.scrollTop = this.scroll.scrollHeight;
    this.top = this.scroll.scrollTop;
    const first = Math.max(0, Math.floor(this.top / ROW) - SPARE);
    const last = Math.min(count, Math.ceil((this.top + this.scroll.clientHeight) / ROW) + SPARE);
    for (const [row, node] of this.nodes) {
      if (row < first || row >= last) this.drop(row, node);
    }
    for (let row = first; row < last; row++) this.place(row);
    this.moved();
  }

  place(row) {
    if (this.nodes.has(row)) return;
    const node = this.draw(row);
    node.style.top = `${row * ROW}px`;
    this.nodes.set(row, node);
    this.list.append(node);
  }

  drop(row, node) {
    node?.remove();
    this.nodes.delete(row);
  }

  // Draw one row anew, or all of them.
  refresh(row) {
    if (row === undefined) for (const [each, node] of this.nodes) this.drop(each, node);
    else this.drop(row, this.nodes.get(row));
    this.paint();
  }

  goTo(row) {
    this.follow = false;
    this.list.style.height = `${this.count() * ROW}px`;
    this.scroll.scrollTop = Math.max(0, row * ROW - this.scroll.clientHeight / 2);
    this.paint();
  }

  // The row at the top of what is in sight, after rows were put before it.
  keep(row) {
    this.list.style.height = `${this.count() * ROW}px`;
    this.scroll.scrollTop = row * ROW;
    this.top = this.scroll.scrollTop;
    this.paint();
  }

  goToEnd() {
    this.follow = true;
    this.paint();
  }
}
