// The audit log: who changed what, with the values before and after.
import { get } from '../api.js';
import { el } from '../dom.js';
import { when } from '../format.js';
import { kinds, pathOf } from '../kinds.js';
import { ledger } from '../settings/ledger.js';
import { sheet } from '../settings/sheet.js';
import { zoneOf } from '../tasks/due.js';
import { nameOf, named, verbs } from './kinds.js';

const text = (value) => (value === undefined || value === null || value === '' ? '–' : typeof value === 'string' ? value : JSON.stringify(value));

const differs = (one) => {
  const names = [...new Set([...Object.keys(one.before), ...Object.keys(one.after)])].sort();
  if (!names.length) return el('p', { class: 'muted small' }, 'No values changed.');
  return el('dl', { class: 'differs' }, el('dt', { class: 'head' }, 'Field'), el('dd', { class: 'head' }, 'Before'), el('dd', { class: 'head' }, 'After'),
    names.flatMap((name) => [el('dt', {}, name), el('dd', { class: 'was', dir: 'auto' }, text(one.before[name])), el('dd', { dir: 'auto' }, text(one.after[name]))]));
};

export async function section(context) {
  const chosen = { zone: zoneOf(context) }; // days are those of the reader's calendar
  const select = (name, label, options) => el('label', { class: 'field' }, el('span', {}, label),
    el('select', { name, onchange: (event) => choose(name, event.target.value) }, [['', 'All'], ...options].map(([value, shown]) => el('option', { value }, shown))));
  const day = (name, label) => el('label', { class: 'field' }, el('span', {}, label), el('input', { type: 'date', name, onchange: (event) => choose(name, event.target.value) }));
  const file = el('a', { class: 'button', download: 'audit.csv' }, 'Download CSV');
  const empty = el('p', { class: 'muted' }, 'No changes of this sort.');
  const list = ledger('Changes', {
    cells: (one) => [
      el('span', { class: 'main' }, el('b', { dir: 'auto' }, one.actorId ? context.who(one.actorId) : 'The system'), ` ${one.verb} `, nameOf(one.kind).toLowerCase()),
      el('span', { class: 'small' }, [...new Set([...Object.keys(one.before), ...Object.keys(one.after)])].slice(0, 4).join(', ')), when(one.at)],
    detail: async (one) => el('div', {}, differs(one),
      el('p', { class: 'small muted' }, kinds[one.kind] && one.verb !== 'deleted' ? [el('a', { class: 'link', href: pathOf(one.kind, one.id), 'data-nav': true }, 'Open the record'), ' · '] : null,
        [one.client, one.requestId && `request ${one.requestId}`].filter(Boolean).join(' · '))),
    more: (cursor) => get('/audit', { query: { ...chosen, cursor } }),
    key: ({ number }) => number,
  });
  async function choose(name, value) {
    chosen[name] = value;
    file.href = `/api/v1/audit/file?${new URLSearchParams(Object.entries(chosen).filter(([, one]) => one))}`;
    empty.hidden = (await list.begin()) > 0;
  }
  await choose('kind', '');
  return { node: sheet('Audit log', 'Every change is kept for a year, with who made it and the values before and after.',
    el('div', { class: 'ledger-tools' },
      select('kind', 'What', named),
      select('verb', 'How', verbs.map((verb) => [verb, verb])),
      select('actorId', 'By', context.members.map(({ id, name }) => [id, name])),
      day('from', 'From'), day('to', 'To'), file),
    empty, list.node) };
}
