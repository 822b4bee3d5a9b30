// The deals of a person or a company.
import { get, post } from '../api.js';
import { el, style } from '../dom.js';
import { announce } from '../edit.js';
import { avatar, recordName } from '../format.js';
import { into, state } from '../layout.js';
import { money, sums } from '../money.js';
import { createRecord } from '../record/create.js';
import { deals, stageChip } from './subject.js';

style(import.meta.url, './deals.css');

export function panel(context, { kind, record }) {
  const node = el('div', { class: 'related' });
  const by = kind === 'people' ? 'personId' : 'companyId';
  const preset = { ownerId: context.me.user.id, ...(kind === 'people' ? { companyId: record.companyId, companyName: record.companyName } : { companyId: record.id, companyName: record.name }) };
  // A deal made on a person's page is about that person.
  const subject = kind === 'people' ? { ...deals, calls: { ...deals.calls, create: (draft) => post('/deals', { ...draft, primaryPersonId: record.id }) } } : deals;
  const add = () => el('button', { class: 'button small', 'data-testid': 'related-deal', onclick: () => createRecord(context, subject, { preset, made: (deal) => { announce('deals', deal.id, deal); load(); } }) }, 'Add deal');
  const load = into(node, () => get('/deals', { query: { [by]: record.id, limit: 100 } }), ({ items }) => {
    if (!items.length) { node.replaceChildren(state('deals', 'No deals yet', `Deals with ${recordName(record)} appear here.`, context.can('member') ? add() : null)); return; }
    const open = items.filter(({ status }) => status === 'open');
    const total = Object.values(Object.groupBy(open, ({ currency }) => currency)).map((some) => ({ currency: some[0].currency, amountMinor: some.reduce((sum, d) => sum + d.amountMinor, 0) }));
    node.replaceChildren(
      el('header', {}, el('span', { class: 'total' }, `${open.length} open${sums(total) ? `, ${sums(total)}` : ''}`), el('span', { class: 'spring' }), context.can('member') ? add() : null),
      el('ul', {}, items.map((deal) => el('li', {}, el('a', { href: `/deals/${deal.id}`, 'data-nav': true },
        avatar(deal.title, 'square'), el('span', { dir: 'auto' }, deal.title), stageChip(deal), el('span', { class: 'muted tabular' }, deal.amountMinor ? money(deal.amountMinor, deal.currency) : ''))))));
  });
  load();
  return { node };
}
