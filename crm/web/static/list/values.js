// Values of fields of the schema, as cells show them.
import { company, none, words } from '../cells.js';
import { shortDay } from '../day.js';
import { el, icon } from '../dom.js';
import { avatar, when } from '../format.js';
import { money } from '../money.js';

export const tagChip = (tag) => el('span', { class: `tagchip ${tag.color ?? 'gray'}`, dir: 'auto' }, tag.name);
const member = (id, context) => (id ? el('span', { class: 'chip' }, avatar(context.who(id)), el('span', { dir: 'auto' }, context.who(id))) : none());
const score = (n) => (n ? el('span', { class: 'score', title: `Score ${n} of 100` }, el('span', { class: 'bar' }, fill(n)), String(n)) : none());

function fill(n) {
  const node = el('span');
  node.style.width = `${n}%`;
  return node;
}

// show draws a value of a field; a value that is none is a dash.
export function show(field, value, context) {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)) return none();
  if (field.name === 'tags') return el('span', { class: 'tagchips' }, value.map(tagChip));
  if (field.name === 'score') return score(value);
  if (field.name === 'companyName') return company(value);
  switch (field.type) {
    case 'member': return member(value, context);
    case 'time': return when(value);
    case 'date': return el('time', { datetime: value }, shortDay(value));
    case 'bool': return value ? el('span', { role: 'img', 'aria-label': 'yes' }, icon('check')) : words('No');
    case 'money': return el('span', { class: 'tabular' }, money(value.amountMinor, value.currency));
    case 'number': return el('span', { class: 'tabular' }, Number(value).toLocaleString());
    case 'choice': return el('span', { class: 'tagchips' }, [value].flat().map((name) => tagChip({ name })));
    default:
      if (Array.isArray(value)) return words(value.map((one) => one.value ?? one).join(', '));
      if (/^https?:\/\//.test(value)) return el('a', { class: 'value', href: value, target: '_blank', rel: 'noopener noreferrer', dir: 'ltr' }, value.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, ''));
      return words(String(value));
  }
}
