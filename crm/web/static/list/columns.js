// The columns of a list: those that its subject draws, and every other field
// of the schema. Which are shown, in which order and how wide, is the view's.
import { el, iconButton } from '../dom.js';
import { popover } from './popover.js';
import { valueOf } from './schema.js';
import { show } from './values.js';

const hidden = new Set(['firstName', 'lastName', 'company', 'person', 'primaryPerson', 'pipeline', 'stage', 'currency', 'email', 'phone', 'name', 'title']);
const widths = { title: 150, companyName: 170, email: 180, phone: 130, domain: 160, tags: 130, owner: 140, peopleCount: 90, updatedAt: 100 };
const byType = { number: 100, money: 120, date: 110, time: 116, bool: 80, choice: 140, member: 150 };
const named = 220; // the width of the column that names a record

// allColumns are those that there are for a kind.
export function allColumns(subject, schema, context) {
  const fields = new Map(schema.fields.map((field) => [field.name, field]));
  const own = subject.columns.map((column) => ({ ...column, field: fields.get(column.name) ?? { name: column.name, label: column.label, type: 'text' } }));
  const rest = schema.fields.filter((field) => !hidden.has(field.name) && !own.some((column) => column.name === field.name))
    .map((field) => ({ name: field.name, label: field.label || field.name, field, sort: field.sortable ? field.name : undefined, extra: true, edit: editable(field), cell: (record) => show(field, valueOf(record, field.name), context) }));
  return [...own, ...rest].map((column) => ({ ...column, width: column.className === 'name' ? named : widths[column.name] ?? byType[column.field.type] ?? 140 }));
}

// editable says whether a field without a form of its own can be changed in its cell.
const editable = (field) => field.name.startsWith('cf.') || ['tags', 'source', 'owner', 'address'].includes(field.name);

// chosen are the columns of a view, or those that the list begins with.
export function chosen(all, wanted, subject) {
  const names = wanted?.length ? wanted : subject.begins?.map((name) => ({ name })) ?? all.filter((column) => !column.extra);
  const found = names.map(({ name, width }) => { const column = all.find((c) => c.name === name); return column && { ...column, width: width || column.width }; }).filter(Boolean);
  return found.some((column) => column.className?.includes('name')) ? found : [all[0], ...found];
}

// chooser lets columns be shown, hidden and moved.
export function chooser(anchor, all, shown, changed) {
  const list = el('div', { class: 'columnlist' });
  function draw(focus) {
    const rest = all.filter((column) => !shown.some(({ name }) => name === column.name));
    list.replaceChildren(...[...shown, ...rest].map((column, at) => {
      const on = at < shown.length;
      const box = el('input', { type: 'checkbox', checked: on, disabled: column.name === all[0].name, 'data-column': column.name, onchange: () => turn(column, on) });
      return el('div', { class: 'columnline' }, el('label', {}, box, el('span', { dir: 'auto' }, column.label)),
        on ? [iconButton('up', `Move ${column.label} left`, () => move(at, -1), { disabled: at < 2 }), iconButton('down', `Move ${column.label} right`, () => move(at, 1), { disabled: !at || at === shown.length - 1 })] : null);
    }));
    list.querySelector(`[data-column="${focus}"]`)?.focus();
  }
  function turn(column, on) {
    shown = on ? shown.filter(({ name }) => name !== column.name) : [...shown, column];
    tell(column.name);
  }
  function move(at, by) {
    const next = [...shown];
    next.splice(at + by, 0, ...next.splice(at, 1));
    shown = next;
    tell(shown[at + by].name);
  }
  function tell(focus) { changed(shown); draw(focus); }
  draw();
  popover(anchor, el('div', {}, el('h3', {}, 'Columns'), list), { label: 'Columns' });
}

const narrowest = 60;
const widest = 800;

// resizer is the edge of a head by which its column is made wider or narrower.
export function resizer(column, col, changed) {
  const node = el('span', { class: 'edge', role: 'separator', 'aria-orientation': 'vertical', 'aria-label': `Width of ${column.label}`, 'aria-valuemin': narrowest, 'aria-valuemax': widest, tabindex: -1, onpointerdown: grab, onkeydown: keys, onclick: (event) => event.stopPropagation() });
  const set = (width) => {
    column.width = Math.round(Math.min(widest, Math.max(narrowest, width)));
    col.style.width = `${column.width}px`;
    node.setAttribute('aria-valuenow', column.width);
  };
  function grab(event) {
    event.preventDefault();
    const from = event.clientX - column.width * (document.dir === 'rtl' ? -1 : 1);
    node.setPointerCapture(event.pointerId);
    node.onpointermove = (move) => set(move.clientX - from);
    node.onpointerup = () => { node.onpointermove = node.onpointerup = null; changed(); };
  }
  function keys(event) {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    set(column.width + by);
    changed();
  }
  set(column.width);
  return node;
}
