// What the studio shows of deals.
import { records } from '../api.js';
import { company, none, owner, words } from '../cells.js';
import { daysUntil, shortDay } from '../day.js';
import { el } from '../dom.js';
import { when } from '../format.js';
import { money } from '../money.js';

// closes is a close date, marked if it has passed for a deal that is open.
export function closes(d) {
  if (!d.closeDate) return none();
  const late = d.status === 'open' && daysUntil(d.closeDate) < 0;
  return el('time', { datetime: d.closeDate, class: late ? 'late' : null, title: late ? 'The date has passed' : null }, shortDay(d.closeDate));
}

export const stageChip = (d) => el('span', { class: `stagechip ${d.status}` }, el('span', { dir: 'auto' }, d.stageName));

export const deals = {
  kind: 'deals', one: 'deal', many: 'deals', title: 'Deals', calls: records('deals'), name: (d) => d.title, create: 'd', icon: 'deals', shape: 'square',
  columns: [
    { name: 'title', label: 'Deal', className: 'name', sort: 'title', key: 'title' },
    { name: 'stageName', label: 'Stage', className: 'stage', cell: stageChip },
    { name: 'amount', label: 'Amount', className: 'amount', sort: '-amount', edit: 'amount', cell: (d) => (d.amountMinor ? el('span', { class: 'tabular' }, money(d.amountMinor, d.currency)) : none()) },
    { name: 'companyName', label: 'Company', className: 'wide company', edit: 'company', cell: (d) => company(d.companyName) },
    { name: 'primaryPersonName', label: 'Contact', className: 'wider', cell: (d) => words(d.primaryPersonName) },
    { name: 'closeDate', label: 'Closes', className: 'time', sort: 'closeDate', edit: 'closeDate', cell: closes },
    { name: 'updatedAt', label: 'Changed', className: 'time wider', sort: '-updatedAt', cell: (d) => when(d.updatedAt) },
  ],
  below: (d) => [d.companyName, d.stageName, d.amountMinor ? money(d.amountMinor, d.currency) : ''].filter(Boolean).join(' · '),
  fields: [
    { name: 'title', key: 'title', label: 'Title', max: 200 },
    { name: 'amount', key: 'amountMinor', label: 'Amount', kind: 'money' },
    { name: 'closeDate', key: 'closeDate', label: 'Expected close', kind: 'date' },
    { name: 'company', key: 'companyId', label: 'Company', kind: 'company' },
    owner,
  ],
  quick: ['title', 'amount', 'company', 'closeDate', 'owner'],
  empty: 'A deal is something that somebody may buy. A title is enough to begin.',
};
