// A deal as a card on the board.
import { daysUntil, shortDay } from '../day.js';
import { el, icon } from '../dom.js';
import { avatar } from '../format.js';
import { short } from '../money.js';

// daysIn is how many whole days a deal has been in its stage.
export const daysIn = (deal) => Math.max(0, Math.floor((Date.now() - Date.parse(deal.stageEnteredAt)) / 86400000));

function due(deal) {
  if (!deal.closeDate) return null;
  const late = deal.status === 'open' && daysUntil(deal.closeDate) < 0;
  return el('span', { class: late ? 'due late' : 'due', title: late ? 'The expected close has passed' : 'Expected close' }, icon('calendar'), shortDay(deal.closeDate));
}

function spent(deal) {
  const days = daysIn(deal);
  const text = days === 1 ? '1 day in this stage' : `${days} days in this stage`;
  return el('span', { class: 'spent', title: deal.stale ? `${text}: longer than it should be` : text }, deal.stale ? icon('clock') : null, `${days} d`);
}

// task is the dot of the next task: what is due, or that there is nothing next.
function task(deal) {
  const next = deal.nextTask;
  if (next === undefined || deal.status !== 'open') return null;
  const late = next?.dueDate && daysUntil(next.dueDate) < 0;
  const text = next ? `Next: ${next.title}${next.dueDate ? `, ${shortDay(next.dueDate)}` : ''}` : 'No next task';
  return el('span', { class: `nexttask ${next ? (late ? 'late' : 'planned') : 'none-planned'}`, title: text, role: 'img', 'aria-label': text });
}

// card draws a deal. It is a link, which is dragged, or lifted with Space.
export function card(deal, context) {
  const owner = deal.ownerId && context.who(deal.ownerId);
  const contact = deal.companyName || deal.primaryPersonName;
  return el('li', { class: 'slot', 'data-id': deal.id },
    el('a', {
      href: `/deals/${deal.id}`, 'data-nav': true, class: `deal ${deal.status}${deal.stale ? ' stale' : ''}`, draggable: 'false', 'data-testid': 'deal-card',
      'aria-roledescription': 'deal', 'aria-describedby': 'board-keys',
    },
    el('span', { class: 'title', dir: 'auto' }, deal.title),
    contact ? el('span', { class: 'contact', dir: 'auto' }, contact) : null,
    el('span', { class: 'worth' }, el('b', {}, deal.amountMinor ? short(deal.amountMinor, deal.currency) : '–'), el('span', { class: 'spring' }),
      owner ? el('span', { title: owner, role: 'img', 'aria-label': `Owner: ${owner}` }, avatar(owner)) : null),
    el('span', { class: 'facts' }, due(deal), el('span', { class: 'spring' }), task(deal), deal.status === 'open' ? spent(deal) : null)));
}
