// The filter of a list, as chips: each says a field, an operator and a value.
import { get, records } from '../api.js';
import { el, icon, iconButton } from '../dom.js';
import { menu } from '../menu.js';
import { companyControl } from '../picker.js';
import { tagsOf } from './controls.js';
import { popover } from './popover.js';

const names = {
  text: { contains: 'contains', startsWith: 'begins with', '=': 'is', '!=': 'is not', empty: 'is empty', notEmpty: 'is not empty' },
  number: { '=': 'is', '!=': 'is not', '>': 'is more than', '>=': 'is at least', '<': 'is less than', '<=': 'is at most', empty: 'is empty', notEmpty: 'is not empty' },
  date: { '=': 'is in', '>=': 'is from', '<=': 'is until', '<': 'is before', '>': 'is after', empty: 'is empty', notEmpty: 'is not empty' },
  choice: { in: 'is any of', notIn: 'is none of', empty: 'is empty', notEmpty: 'is not empty' },
  bool: { '=': 'is', empty: 'is empty', notEmpty: 'is not empty' },
};
names.money = names.number;
names.time = names.date;
names.member = names.ref = names.choice;

const days = [['today', 'today'], ['yesterday', 'yesterday'], ['-7d', '7 days ago'], ['-30d', '30 days ago'], ['-90d', '90 days ago'], ['+7d', 'in 7 days'], ['thisWeek', 'this week'], ['lastWeek', 'last week'],
  ['thisMonth', 'this month'], ['lastMonth', 'last month'], ['nextMonth', 'next month'], ['thisQuarter', 'this quarter'], ['thisYear', 'this year']];
const none = (op) => op === 'empty' || op === 'notEmpty';

// leavesOf are the conditions of a filter that is no more than all of them;
// null if it is more than chips can say.
export function leavesOf(node) {
  if (!node || !Object.keys(node).length) return [];
  if (node.f) return [node];
  return node.and?.every((one) => one.f) ? node.and : null;
}

export const nodeOf = (leaves) => (leaves.length > 1 ? { and: leaves } : leaves[0] ?? {});

// What the ids of a field stand for: [[id, name]…].
async function choices(field, context, kind) {
  if (field.type === 'member') return [['me', 'Me'], ...context.members.filter(({ id }) => id !== context.me.user.id).map(({ id, name }) => [id, name])];
  if (field.options?.length) return field.options.map((option) => [option, option]);
  if (field.name === 'tags') return (await tagsOf(kind)).map(({ id, name }) => [id, name]);
  if (field.name === 'stage' || field.name === 'pipeline') {
    const { items } = await get('/pipelines');
    return field.name === 'pipeline' ? items.map(({ id, name }) => [id, name]) : items.flatMap((p) => p.stages.map(({ id, name }) => [id, items.length > 1 ? `${name} (${p.name})` : name]));
  }
  return null;
}

async function told(leaf, field, context, kind) {
  if (none(leaf.op)) return '';
  if (field.type === 'date' || field.type === 'time') return days.find(([value]) => value === leaf.v)?.[1] ?? leaf.v;
  if (field.type === 'bool') return leaf.v ? 'yes' : 'no';
  if (field.type === 'money') return (leaf.v / 100).toLocaleString();
  const known = await choices(field, context, kind).catch(() => null);
  const one = (value) => known?.find(([id]) => id === value)?.[1] ?? (value === context.me.user.id ? 'Me' : field.type === 'ref' ? '1 chosen' : value);
  return [leaf.v].flat().map(one).join(', ');
}

// chips shows the filter; changed(node) is told of each change.
export function chips(schema, context, kind, changed) {
  const fields = schema.fields;
  const fieldOf = (name) => fields.find((field) => field.name === name);
  const list = el('div', { class: 'chiplist', role: 'group', 'aria-label': 'Filter', hidden: true });
  const add = el('button', { type: 'button', class: 'button small', 'aria-haspopup': 'menu', 'data-testid': 'add-filter', onclick: pick }, icon('filter'), el('span', { class: 'label' }, 'Filter'));
  let leaves = [];

  function set(node) {
    leaves = leavesOf(node);
    draw(node);
  }
  function tell() {
    draw();
    changed(nodeOf(leaves));
  }
  function draw(node) {
    const several = leaves ?? [];
    list.replaceChildren(...several.map(chip), ...(leaves ? [] : [el('span', { class: 'filterchip' }, el('span', { class: 'what' }, 'A filter of several parts'), iconButton('close', 'Remove the filter', () => { leaves = []; tell(); }))]),
      ...(several.length > 1 ? [el('button', { type: 'button', class: 'link small', onclick: () => { leaves = []; tell(); } }, 'Clear')] : []));
    list.hidden = !several.length && Boolean(leaves);
    list.dataset.filter = JSON.stringify(node ?? nodeOf(several));
  }
  function chip(leaf, at) {
    const field = fieldOf(leaf.f) ?? { name: leaf.f, label: leaf.f, type: 'text' };
    const value = el('strong', { dir: 'auto' });
    told(leaf, field, context, kind).then((text) => { value.textContent = text; });
    const op = { '=': leaf.op === '=' && names[field.type]['='], in: 'is' }[leaf.op] || names[field.type][leaf.op] || { '=': 'is', '!=': 'is not', in: 'is' }[leaf.op] || leaf.op;
    const open = el('button', { type: 'button', class: 'what', 'aria-haspopup': 'dialog', onclick: () => edit(open, field, leaf, (next) => { leaves[at] = next; tell(); }) }, `${field.label} ${op} `, value);
    return el('span', { class: 'filterchip', 'data-testid': 'filter-chip' }, open, iconButton('close', `Remove the filter on ${field.label}`, () => { leaves.splice(at, 1); tell(); add.focus(); }));
  }
  function pick() {
    menu(add, fields.filter((field) => field.type !== 'ref' || ['tags', 'company', 'stage', 'pipeline'].includes(field.name)).filter(({ name }) => name !== 'companyName' || !fieldOf('company')).map((field) => ({
      label: field.name === 'company' ? 'Company' : field.label || field.name, run: () => edit(add, field, null, (next) => { leaves = [...(leaves ?? []), next]; tell(); }),
    })), { label: 'Filter by' });
  }

  async function edit(anchor, field, leaf, done) {
    const known = await choices(field, context, kind);
    const ops = Object.entries(names[field.type]).filter(([op]) => field.operators.includes(op));
    const op = el('select', { 'aria-label': 'Operator', onchange: draw }, ops.map(([value, label]) => el('option', { value }, label)));
    const place = el('div', { class: 'filtervalue' });
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    let read = () => undefined;
    const form = el('form', { class: 'filterform', onsubmit: submit }, el('h3', {}, field.label), op, place, fault,
      el('div', { class: 'ends' }, el('button', { class: 'button small primary', 'data-testid': 'apply-filter' }, 'Apply')));
    if (leaf) op.value = ops.some(([value]) => value === leaf.op) ? leaf.op : leaf.op === '=' ? 'in' : leaf.op === '!=' ? 'notIn' : ops[0][0];

    function draw() {
      const made = none(op.value) ? { node: null, read: () => undefined } : editor(field, known, leaf);
      read = made.read;
      place.replaceChildren(...[made.node ?? []].flat());
    }
    async function submit(event) {
      event.preventDefault();
      try {
        const v = await read();
        if (v === undefined && !none(op.value)) throw new Error('Say which');
        opened.close();
        done(none(op.value) ? { f: field.name, op: op.value } : { f: field.name, op: op.value, v });
      } catch (problem) {
        fault.textContent = problem.message;
        fault.hidden = false;
      }
    }
    draw();
    const opened = popover(anchor, form, { label: `Filter by ${field.label}` });
    (place.querySelector('input, select') ?? op).focus();
  }
  return { add, list, set };
}

// editor is where a value is said.
function editor(field, known, leaf) {
  const was = leaf?.v;
  if (known) {
    const boxes = known.map(([value, label]) => el('label', {}, el('input', { type: 'checkbox', value, checked: [was].flat().includes(value) }), el('span', { dir: 'auto' }, label)));
    const node = el('div', { class: 'checks' }, boxes.length ? boxes : el('p', { class: 'muted' }, 'There are none yet.'));
    return { node, read: () => { const list = [...node.querySelectorAll('input:checked')].map((box) => box.value); return list.length ? list : undefined; } };
  }
  if (field.type === 'ref') {
    const company = companyControl({ name: 'company', label: 'Company' }, el('input', { 'aria-label': 'Company', autocomplete: 'off' }), records('companies'));
    return { node: company.node, read: async () => { const one = await company.get(); return one ? [one.id] : undefined; } };
  }
  if (field.type === 'bool') {
    const node = el('select', { 'aria-label': 'Value' }, el('option', { value: 'true' }, 'yes'), el('option', { value: 'false', selected: was === false }, 'no'));
    return { node, read: () => node.value === 'true' };
  }
  if (field.type === 'date' || field.type === 'time') {
    const exact = el('input', { type: 'date', 'aria-label': 'Date', value: /^\d{4}-/.test(was ?? '') ? was.slice(0, 10) : null, hidden: !/^\d{4}-/.test(was ?? '') });
    const node = el('select', { 'aria-label': 'When', onchange: () => { exact.hidden = node.value !== 'exact'; } }, days.map(([value, label]) => el('option', { value, selected: value === was }, label)), el('option', { value: 'exact', selected: /^\d{4}-/.test(was ?? '') }, 'a date…'));
    return { node: [node, exact], read: () => (node.value === 'exact' ? exact.value || undefined : node.value) };
  }
  const numeric = field.type === 'number' || field.type === 'money';
  const scale = field.type === 'money' ? 100 : 1;
  const node = el('input', { 'aria-label': 'Value', inputmode: numeric ? 'decimal' : null, maxlength: 200, dir: 'auto', value: was === undefined ? null : numeric ? was / scale : was });
  return {
    node,
    read() {
      const text = node.value.trim();
      if (!text) return undefined;
      if (!numeric) return text;
      const n = Number(text.replace(/\s/g, '').replace(',', '.'));
      if (Number.isNaN(n)) throw new Error('This is to be a number');
      return scale === 1 ? n : Math.round(n * scale);
    },
  };
}
