// What the board shows of a pipeline: whose deals, and when they close.
import { addDays, dayOf } from '../day.js';
import { el, icon } from '../dom.js';
import { menu } from '../menu.js';

const monthEnd = (day, by = 0) => dayOf(new Date(Number(day.slice(0, 4)), Number(day.slice(5, 7)) + by, 0, 12));
const quarterEnd = (day) => dayOf(new Date(Number(day.slice(0, 4)), Math.ceil(Number(day.slice(5, 7)) / 3) * 3, 0, 12));

const spans = {
  overdue: ['Overdue', (today) => ({ closeTo: addDays(today, -1), status: 'open' })],
  month: ['This month', (today) => ({ closeFrom: `${today.slice(0, 8)}01`, closeTo: monthEnd(today) })],
  next: ['Next month', (today) => ({ closeFrom: addDays(monthEnd(today), 1), closeTo: monthEnd(today, 1) })],
  quarter: ['This quarter', (today) => ({ closeFrom: addDays(quarterEnd(today), -92), closeTo: quarterEnd(today) })],
};

// filters are two buttons; changed() is told of a choice, which is kept in the address.
export function filters(context, changed) {
  const owner = () => context.query.get('owner') ?? '';
  const close = () => (spans[context.query.get('close')] ? context.query.get('close') : '');
  const whose = el('button', { class: 'button filter', 'aria-haspopup': 'menu', 'data-testid': 'owner', onclick: () => menu(whose, [
    { label: 'Everybody', checked: !owner(), run: () => set({ owner: '' }) },
    { label: 'Mine', checked: owner() === context.me.user.id, run: () => set({ owner: context.me.user.id }) },
    null,
    ...context.members.filter(({ id }) => id !== context.me.user.id).map(({ id, name }) => ({ label: name, checked: owner() === id, run: () => set({ owner: id }) })),
  ], { label: 'Owner' }) });
  const when = el('button', { class: 'button filter', 'aria-haspopup': 'menu', 'data-testid': 'close', onclick: () => menu(when, [
    { label: 'Any close date', checked: !close(), run: () => set({ close: '' }) },
    null,
    ...Object.entries(spans).map(([key, [label]]) => ({ label, checked: close() === key, run: () => set({ close: key }) })),
  ], { label: 'Expected close' }) });

  function set(values) {
    context.setQuery(values);
    tell();
    changed();
  }
  function tell() {
    const name = owner() === context.me.user.id ? 'Mine' : owner() ? context.who(owner()) : 'Everybody';
    whose.replaceChildren(icon('person'), el('span', { class: 'label', dir: 'auto' }, name));
    when.replaceChildren(icon('calendar'), el('span', { class: 'label' }, close() ? spans[close()][0] : 'Any date'));
    whose.classList.toggle('on', Boolean(owner()));
    when.classList.toggle('on', Boolean(close()));
    whose.setAttribute('aria-label', `Owner: ${name}`);
    when.setAttribute('aria-label', `Expected close: ${close() ? spans[close()][0] : 'any date'}`);
  }
  tell();
  return {
    node: [whose, when],
    active: () => Boolean(owner() || close()),
    query: () => ({ ownerId: owner(), ...(close() ? spans[close()][1](dayOf()) : {}) }),
  };
}
