// The foot of a list: how many records it has, and what its columns of numbers
// and of money come to.
import { get } from '../api.js';
import { el } from '../dom.js';
import { counted } from '../format.js';
import { money } from '../money.js';

const summed = ({ field, name }) => (field.type === 'number' && name !== 'score') || field.type === 'money';
const atMost = 10; // sums that the API makes at once

// foot makes it for the columns and the query that it is told of.
export function foot(subject, fieldOf) {
  const node = el('div', { class: 'listfoot', role: 'status' });
  let asked;

  // show says the total, and the sums once they are there.
  async function show(total, columns, query) {
    asked?.abort();
    const able = columns.filter((column) => summed(column) && fieldOf(column.name)).slice(0, atMost);
    const said = el('span', {}, `${counted(total || '0')} ${total === '1' ? subject.one : subject.many}`);
    node.replaceChildren(said);
    if (!able.length || !total || total === '0') return;
    asked = new AbortController();
    const sums = await get(`/${subject.kind}/totals`, { signal: asked.signal, query: { ...query, sum: able.map(({ name }) => name).join(',') } }).catch(() => null);
    if (sums) node.replaceChildren(said, ...able.map((column) => el('span', { 'data-sum': column.name }, `${column.label}: `, el('strong', { class: 'tabular' }, sumOf(column, sums)), ' in all')));
  }
  function sumOf({ name, field }, { sums, amounts }) {
    if (field.type !== 'money') return (sums[name] ?? 0).toLocaleString();
    return (amounts[name] ?? []).filter((sum) => sum.amountMinor).map((sum) => money(sum.amountMinor, sum.currency)).join(' + ') || '0';
  }
  return { node, show, say: (text) => node.replaceChildren(text) };
}
