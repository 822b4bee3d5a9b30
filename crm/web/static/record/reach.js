// How a record is reached, below its name: a press calls, writes, or opens what
// belongs to it.
import { dial } from '../cells.js';
import { el, icon } from '../dom.js';
import { run } from '../commands.js';

const most = 2; // numbers, addresses

const way = (sign, href, text, more = {}) => el('a', { class: 'way', href, dir: 'ltr', ...more }, icon(sign), el('span', {}, text));

const ways = {
  people: (context, person) => [
    ...person.phones.slice(0, most).map(({ value }) => way('phone', dial(value), value, { title: `Call ${value}` })),
    ...person.emails.slice(0, most).map(({ value }, at) => (context.can('member') && !at
      ? el('button', { type: 'button', class: 'way', dir: 'ltr', title: `Write to ${value}`, 'data-testid': 'write-mail', onclick: () => run('create.email') }, icon('mail'), el('span', {}, value))
      : way('mail', `mailto:${encodeURIComponent(value)}`, value)))],
  companies: (context, company) => (company.domain ? [way('globe', `https://${company.domain}`, company.domain, { target: '_blank', rel: 'noopener noreferrer' })] : []),
  deals: (context, deal) => (deal.primaryPersonId ? [way('person', `/people/${deal.primaryPersonId}`, deal.primaryPersonName || 'No name', { 'data-nav': true, dir: 'auto' })] : []),
};

// reach makes the line; show(record) draws it, if it says anything else than before.
export function reach(context, kind) {
  const node = el('div', { class: 'ways', hidden: true });
  let drawn = '';
  function show(record) {
    const now = JSON.stringify([record.phones, record.emails, record.domain, record.primaryPersonId, record.primaryPersonName]);
    if (now === drawn) return;
    drawn = now;
    node.replaceChildren(...ways[kind](context, record));
    node.hidden = !node.childElementCount;
  }
  return { node, show };
}
