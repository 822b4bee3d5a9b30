// Home: three small numbers.
import { get } from '../api.js';
import { el } from '../dom.js';
import { sums } from '../money.js';
import { zoneOf } from '../tasks/due.js';

const wonLately = JSON.stringify({ and: [{ f: 'status', op: '=', v: 'won' }, { f: 'closedAt', op: '=', v: 'thisMonth' }] });

export async function card(context) {
  const { open, won, due } = await get('/home/numbers', { query: { zone: zoneOf(context) } });
  if (!open.length && !won.length && !due.open) return null;
  const deals = (list) => { const n = list.reduce((all, one) => all + one.deals, 0); return n === 1 ? '1 deal' : `${n} deals`; };
  const number = (href, title, value, below) => el('a', { class: 'homenumber', href, 'data-nav': true }, el('span', { class: 'muted' }, title), el('b', {}, value), el('span', { class: 'muted' }, below));
  return { node: el('div', { class: 'homenumbers' },
    number('/deals', 'Open pipeline', sums(open) || '–', deals(open)),
    number(`/deals?filter=${encodeURIComponent(wonLately)}`, 'Won this month', sums(won) || '–', deals(won)),
    number('/tasks', 'Tasks due', String(due.overdue + due.today), due.overdue ? `${due.overdue} overdue` : `${due.open} open`)) };
}
