// Who works at a company.
import { el } from '../dom.js';
import { avatar } from '../format.js';
import { into, state } from '../layout.js';
import { people } from '../people/subject.js';
import { createRecord } from '../record/create.js';

export function panel(context, { record }) {
  const node = el('div', { class: 'related' });
  const load = into(node, () => people.calls.list({ companyId: record.id, limit: 200, sort: 'name', count: 'exact' }), ({ items, total }) => {
    const add = context.can('member') ? el('button', { class: 'button small', onclick: () => createRecord(context, people, { preset: { companyId: record.id, companyName: record.name }, made: load }) }, 'Add person') : null;
    if (!items.length) { node.replaceChildren(state('people', 'Nobody here yet', `People who work at ${record.name} appear here.`, add)); return; }
    node.replaceChildren(
      el('header', {}, el('span', { class: 'total' }, `${total} ${total === '1' ? 'person' : 'people'}`), el('span', { class: 'spring' }), add),
      el('ul', {}, items.map((one) => el('li', {}, el('a', { href: `/people/${one.id}`, 'data-nav': true },
        avatar(people.name(one)), el('span', { dir: 'auto' }, people.name(one)), el('span', { class: 'muted', dir: 'auto' }, one.title))))));
  });
  load();
  return { node };
}
