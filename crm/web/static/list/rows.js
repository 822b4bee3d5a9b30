// The rows of a table, of which only those near the window are in the page:
// ten thousand scroll as smoothly as ten.
import { el } from '../dom.js';

const all = 150; // so many are simply there
const spare = 12; // rows beyond the window

// rows draws entries into body, inside scroller: {id, key}. make(entry) builds
// a row; columns() is how many cells a line has.
export function rows(body, scroller, { make, columns, keep, near }) {
  let entries = [];
  let height = 36;
  let from = 0;
  let to = 0;
  const made = new Map(); // key → row
  const above = spacer();
  const below = spacer();

  function spacer() {
    const cell = el('td');
    const node = el('tr', { class: 'space', 'aria-hidden': 'true' }, cell);
    return { node, set(px) { cell.colSpan = columns(); cell.style.height = `${px}px`; node.hidden = px === 0; } };
  }
  function range() {
    if (entries.length <= all) return [0, entries.length];
    const top = Math.max(0, scroller.scrollTop - body.offsetTop);
    return [Math.max(0, Math.floor(top / height) - spare), Math.min(entries.length, Math.ceil((top + scroller.clientHeight) / height) + spare)];
  }
  function draw(force = false) {
    const [a, b] = range();
    if (!force && a === from && b === to) return;
    [from, to] = [a, b];
    const shown = entries.slice(a, b);
    const wanted = new Set(shown.map(({ key }) => key));
    for (const [key, row] of made) if (!wanted.has(key)) { row.remove(); made.delete(key); }
    const nodes = shown.map((entry) => made.get(entry.key) ?? made.set(entry.key, make(entry)).get(entry.key));
    if (nodes.length < entries.length) nodes.forEach((node, at) => node.setAttribute('aria-rowindex', a + at + 2));
    above.set(a * height);
    below.set((entries.length - b) * height);
    place([...(keep?.() ?? []), ...(a ? [above.node] : []), ...nodes, ...(b < entries.length ? [below.node] : [])]);
    if (nodes.length && nodes[0].offsetHeight) height = nodes[0].offsetHeight;
  }
  // place puts nodes in their order and moves none that is in its place, so
  // that what has the focus keeps it.
  function place(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...body.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, at) => { if (body.children[at] !== node) body.insertBefore(node, body.children[at] ?? null); });
  }
  let waiting;
  scroller.addEventListener('scroll', () => {
    waiting ??= requestAnimationFrame(() => {
      waiting = undefined;
      draw();
      if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 600) near();
    });
  }, { passive: true });
  new ResizeObserver(() => draw()).observe(scroller);

  return {
    set(next) { entries = next; draw(true); },
    // again makes one row anew.
    again(key) { made.get(key)?.remove(); made.delete(key); draw(true); },
    reset() {
      const stay = keep?.() ?? []; // somebody may be typing there
      made.clear();
      for (const node of [...body.children]) if (!stay.includes(node)) node.remove();
      draw(true);
    },
    row: (key) => made.get(key),
    // reveal scrolls to an entry and returns its row.
    reveal(key) {
      const at = entries.findIndex((entry) => entry.key === key);
      if (at < 0) return undefined;
      const top = body.offsetTop + at * height;
      const head = 40;
      if (top < scroller.scrollTop + head) scroller.scrollTop = top - head;
      else if (top + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height - scroller.clientHeight + 8;
      draw();
      return made.get(key);
    },
    // visible is how many rows the window has room for.
    visible: () => Math.max(1, Math.floor(scroller.clientHeight / height) - 2),
    short: () => scroller.scrollHeight - scroller.clientHeight < 600,
  };
}
