// Charts, drawn as SVG. They show what the table beside them says in numbers.
const svg = 'http://www.w3.org/2000/svg';

function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS(svg, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// upTo is a round number at or above the greatest value.
export function upTo(value) {
  if (value <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * size).find((step) => step >= value);
}

const width = 600;
const height = 190;
const left = 52;
const foot = 22;
const top = 10;

// columns draws groups of columns: rows [{label, values: [number…], href: [address…]}],
// one class of colour per value. stacked puts them on each other.
export function columns(rows, { classes, format, stacked = false, label }) {
  const sizes = rows.map((row) => (stacked ? Math.max(...row.values) : Math.max(0, ...row.values)));
  const most = upTo(Math.max(...sizes, 0));
  const y = (value) => top + (height - top - foot) * (1 - value / most);
  const slot = (width - left) / rows.length;
  const wide = Math.min(slot * 0.68, 54);
  const lines = [0, 0.5, 1].map((part) => draw('g', {},
    draw('line', { x1: left, x2: width, y1: y(most * part), y2: y(most * part), class: part ? 'grid' : 'axis' }),
    draw('text', { x: left - 8, y: y(most * part) + 4, class: 'tick end' }, format(most * part))));
  const every = Math.ceil(rows.length / 12);
  const bars = rows.map((row, at) => {
    const middle = left + slot * (at + 0.5);
    const each = stacked ? wide : wide / row.values.length;
    const boxes = row.values.map((value, i) => bar({
      x: middle - wide / 2 + (stacked ? 0 : i * each), y: y(value), width: Math.max(each - (stacked ? 0 : 2), 2), height: y(0) - y(value), class: `column ${classes[i]}`,
    }, value, row.href?.[i], `${row.label}: ${format(value)}`));
    return draw('g', {}, ...boxes, at % every ? null : draw('text', { x: middle, y: height - 6, class: 'tick middle' }, row.label));
  });
  return draw('svg', { viewBox: `0 0 ${width} ${height}`, class: 'chart', role: 'img', 'aria-label': label }, ...lines, ...bars);
}

function bar(box, value, href, text) {
  const rect = draw('rect', { ...box, rx: Math.min(3, box.height / 2), height: value > 0 ? Math.max(box.height, 1.5) : 0 }, draw('title', {}, text));
  return href ? draw('a', { href, 'data-nav': '', tabindex: -1 }, rect) : rect;
}

// stripe draws one horizontal bar of a list: its length is value of most, its
// dark part is inner.
export function stripe(value, most, inner = value) {
  const long = (n) => (most > 0 ? (n / most) * 100 : 0);
  return draw('svg', { class: 'stripe', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    draw('rect', { class: 'whole', x: 0, y: 0, height: 10, width: long(value) }),
    draw('rect', { class: 'inner', x: 0, y: 0, height: 10, width: long(inner) }));
}

// taper draws a funnel: each step as wide as its part of the first.
export function taper(parts, label) {
  const step = 34;
  const shape = parts.map((part, at) => {
    const next = parts[at + 1] ?? part;
    const [a, b] = [part * 100, next * 100];
    return draw('polygon', { class: 'step', points: `${100 - a},${at * step} ${100 + a},${at * step} ${100 + b},${(at + 1) * step - 4} ${100 - b},${(at + 1) * step - 4}`, opacity: 1 - at * 0.12 });
  });
  return draw('svg', { class: 'taper', viewBox: `0 0 200 ${parts.length * step}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label }, ...shape);
}
