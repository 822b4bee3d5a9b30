// Home: the user's deals that need attention, each with the reason.
import { get } from '../api.js';
import { daysUntil } from '../day.js';
import { el } from '../dom.js';
import { money } from '../money.js';
import { add } from '../tasks/sheet.js';
import { zoneOf } from '../tasks/due.js';

const days = (n) => (n === 1 ? '1 day' : `${n} days`);
const reasons = {
  late: (deal) => `close date passed ${days(-daysUntil(deal.closeDate))} ago`,
  stale: (deal) => `${days(deal.daysInStage)} in ${deal.stageName}`,
  'no-step': () => 'no next step',
};

export async function card(context) {
  const { items } = await get('/home/attention', { query: { zone: zoneOf(context) } });
  if (!items.length) return null;
  const line = (deal) => el('li', { class: 'homeline', 'data-testid': 'attention' },
    el('a', { href: `/deals/${deal.id}`, 'data-nav': true },
      el('span', { class: 'hometitle' }, el('span', { dir: 'auto' }, deal.title), deal.companyName ? el('span', { class: 'muted', dir: 'auto' }, deal.companyName) : null),
      el('span', { class: 'homewhy' }, deal.reasons.map((reason) => el('span', { class: `why ${reason}` }, reasons[reason](deal))))),
    el('span', { class: 'homemoney' }, deal.amountMinor ? money(deal.amountMinor, deal.currency) : ''),
    deal.reasons.includes('no-step') && context.can('member') ? el('button', { class: 'button small', onclick: () => add(context, { target: { kind: 'deal', id: deal.id, title: deal.title } }) }, 'Add step') : null);
  return { node: el('div', { class: 'homepart' }, el('h3', {}, 'Deals that need you'), el('ul', {}, items.map(line))) };
}
