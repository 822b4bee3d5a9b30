// Controls to edit one field of the schema in: {node, set(record), get()}; get
// gives the patch that is sent, and what is shown until the answer comes.
import { get as read } from '../api.js';
import { el } from '../dom.js';
import { buildForm, sendable } from '../fields.js';
import { kindOf } from '../kinds.js';
import { common as currencies, parseAmount, plainNumber } from '../money.js';
import { patchOf, valueOf } from './schema.js';
import { tagChip } from './values.js';

const input = (field, more = {}) => el('input', { 'aria-label': field.label, name: field.name, autocomplete: 'off', spellcheck: 'false', dir: 'auto', ...more });

// control makes the one for a field; own is the subject's, if it has one.
export function control(field, own, context, kind) {
  if (own) return ofForm(own, context);
  if (field.name === 'tags') return tags(field, kind);
  if (field.type === 'choice' && field.several) return several(field);
  if (field.type === 'choice') return select(field, [['', '–'], ...field.options.map((o) => [o, o])]);
  if (field.type === 'member') return select(field, [['', 'Nobody'], ...context.members.map((m) => [m.id, m.name])]);
  if (field.type === 'bool') return bool(field);
  if (field.type === 'money') return money(field);
  if (field.type === 'number') return plain(field, { inputmode: 'decimal' }, (text) => (text === '' ? null : Number(text.replace(',', '.'))));
  if (field.type === 'date') return plain(field, { type: 'date' }, (text) => text || null);
  return plain(field, { maxlength: 500 }, (text) => (field.name.startsWith('cf.') ? text || null : text));
}

function ofForm(own, context) {
  const form = buildForm([{ ...own, single: true }], context);
  const [one] = form.controls.values();
  return {
    node: one.node, set: form.set,
    async get() {
      const values = await form.read();
      return { patch: sendable(values), shown: values };
    },
  };
}

const both = (name, value) => { const patch = patchOf(name, value); return { patch, shown: patch }; };

function plain(field, more, parse) {
  const node = input(field, more);
  return { node, set: (record) => { node.value = valueOf(record, field.name) ?? ''; }, get: () => both(field.name, parse(node.value.trim())) };
}

function select(field, options) {
  const node = el('select', { 'aria-label': field.label, name: field.name }, options.map(([value, label]) => el('option', { value }, label)));
  return { node, set: (record) => { node.value = valueOf(record, field.name) ?? ''; }, get: () => both(field.name, node.value || (field.type === 'choice' && !field.name.startsWith('cf.') ? '' : null)) };
}

function bool(field) {
  const node = el('select', { 'aria-label': field.label, name: field.name }, [['', '–'], ['true', 'Yes'], ['false', 'No']].map(([value, label]) => el('option', { value }, label)));
  return { node, set: (record) => { node.value = String(valueOf(record, field.name) ?? ''); }, get: () => both(field.name, node.value === '' ? null : node.value === 'true') };
}

function money(field) {
  const amount = input(field, { inputmode: 'decimal' });
  const currency = el('select', { 'aria-label': 'Currency' }, currencies.map((code) => el('option', { value: code }, code)));
  return {
    node: el('div', { class: 'moneyfield' }, amount, currency),
    set(record) {
      const value = valueOf(record, field.name);
      if (value && !currencies.includes(value.currency)) currency.append(el('option', { value: value.currency }, value.currency));
      currency.value = value?.currency ?? currencies[0];
      amount.value = value ? plainNumber(value.amountMinor, value.currency) : '';
    },
    get() {
      if (!amount.value.trim()) return both(field.name, null);
      const minor = parseAmount(amount.value, currency.value);
      if (minor === null) throw new Error('This is not an amount such as 1250.50');
      return both(field.name, { amountMinor: minor, currency: currency.value });
    },
  };
}

function several(field) {
  const boxes = field.options.map((option) => el('input', { type: 'checkbox', value: option }));
  const node = el('div', { class: 'checks', role: 'group', 'aria-label': field.label }, boxes.map((box) => el('label', {}, box, tagChip({ name: box.value }))));
  return {
    node,
    set(record) { for (const box of boxes) box.checked = (valueOf(record, field.name) ?? []).includes(box.value); },
    get: () => both(field.name, boxes.filter((box) => box.checked).map((box) => box.value)),
  };
}

// tagsOf are the tags of people, companies or deals.
export const tagsOf = async (kind) => (await read('/tags', { query: { kind: kindOf[kind] } })).items;

// tags are ticked, and new ones typed.
function tags(field, kind) {
  const list = el('div', { class: 'checks' });
  const fresh = input({ label: 'New tag', name: 'newtag' }, { placeholder: 'New tag', maxlength: 40 });
  let chosen = [];
  const asked = tagsOf(kind);
  function draw(all) {
    list.replaceChildren(...all.map((tag) => el('label', {}, el('input', { type: 'checkbox', value: tag.id, checked: chosen.some(({ id }) => id === tag.id) }), tagChip(tag))));
  }
  asked.then(draw, () => draw(chosen));
  return {
    node: el('div', { class: 'tagfield', role: 'group', 'aria-label': field.label }, fresh, list),
    set(record) { chosen = record.tags ?? []; draw(chosen); asked.then(draw, () => {}); },
    async get() {
      const all = await asked.catch(() => chosen);
      const ids = [...list.querySelectorAll('input:checked')].map((box) => box.value);
      const next = all.filter(({ id }) => ids.includes(id)).map(({ id, name, color }) => ({ id, name, color }));
      const name = fresh.value.trim();
      return { patch: { tags: [...next.map(({ id }) => ({ id })), ...(name ? [name] : [])] }, shown: { tags: [...next, ...(name ? [{ name }] : [])] } };
    },
  };
}
