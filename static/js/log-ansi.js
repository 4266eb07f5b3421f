// Terminal colours of one line as pieces of text with classes. Text is only ever set as text, never as HTML.

const SEQUENCE = /\x1b\[([0-9;:]*)m/g;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const STYLES = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" };
const ENDS = { 21: ["bold"], 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"] };

export const plain = (text) => text.replace(SEQUENCE, "");

// [{text, classes, colour, background}], where colour and background are CSS values for the 256 and the true colours.
export function pieces(text) {
  const found = [];
  let state = { styles: new Set(), fg: null, bg: null };
  let from = 0;
  const keep = (until) => until > from && found.push({ text: text.slice(from, until), ...look(state) });
  for (const match of text.matchAll(SEQUENCE)) {
    keep(match.index);
    from = match.index + match[0].length;
    state = applied(state, match[1].split(/[;:]/).map(Number));
  }
  keep(text.length);
  return found;
}

// The part of the pieces between two columns.
export function slice(all, from, until) {
  const found = [];
  let at = 0;
  for (const piece of all) {
    const text = piece.text.slice(Math.max(0, from - at), Math.max(0, until - at));
    if (text) found.push({ ...piece, text });
    at += piece.text.length;
  }
  return found;
}

function applied(before, codes) {
  const state = { styles: new Set(before.styles), fg: before.fg, bg: before.bg };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) Object.assign(state, { styles: new Set(), fg: null, bg: null });
    else if (STYLES[code]) state.styles.add(STYLES[code]);
    else if (ENDS[code]) ENDS[code].forEach((style) => state.styles.delete(style));
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(at + 1));
      state[code === 38 ? "fg" : "bg"] = colour;
      at += used;
    } else if (code === 39) state.fg = null;
    else if (code === 49) state.bg = null;
    else if (code >= 30 && code <= 37) state.fg = NAMES[code - 30];
    else if (code >= 90 && code <= 97) state.fg = `bright-${NAMES[code - 90]}`;
    else if (code >= 40 && code <= 47) state.bg = NAMES[code - 40];
    else if (code >= 100 && code <= 107) state.bg = `bright-${NAMES[code - 100]}`;
  }
  return state;
}

function extended(rest) {
  if (rest[0] === 5 && rest.length > 1) return [indexed(rest[1]), 2];
  if (rest[0] === 2 && rest.length > 3) return [`rgb(${rest.slice(1, 4).map((part) => part & 255).join(" ")})`, 4];
  return [null, rest.length];
}

function indexed(number) {
  const index = number & 255;
  if (index < 8) return NAMES[index];
  if (index < 16) return `bright-${NAMES[index - 8]}`;
  if (index >= 232) return `rgb(${Array(3).fill(8 + (index - 232) * 10).join(" ")})`;
  const level = (step) => (step ? 55 + step * 40 : 0);
  const cube = index - 16;
  return `rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level).join(" ")})`;
}

function look({ styles, fg, bg }) {
  const classes = [...styles].map((style) => `ansi-${style}`);
  if (fg && !fg.startsWith("rgb")) classes.push(`ansi-${fg}`);
  if (bg && !bg.startsWith("rgb")) classes.push(`ansi-on-${bg}`);
  return {
    classes,
    colour: fg?.startsWith("rgb") ? fg : "",
    background: bg?.startsWith("rgb") ? bg : "",
  };
}
