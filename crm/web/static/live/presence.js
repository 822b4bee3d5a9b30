// Who else looks at a record, in its head; and what they change in it.
import { el, style } from '../dom.js';
import { avatar } from '../format.js';
import { kinds } from '../kinds.js';
import { on, presence } from '../live.js';

style(import.meta.url, './live.css');

const most = 4; // faces; the rest is a number

export function panel(context, given) {
  const [kind] = Object.entries(kinds).find(([, one]) => one.page === `/${given.kind}`);
  const { id } = given.record;
  const node = el('div', { class: 'present', role: 'group', hidden: true });
  let timer;

  function show(users) {
    const others = users.filter((user) => user !== context.me.user.id).map(context.who);
    node.hidden = !others.length;
    node.setAttribute('aria-label', `Also here: ${others.join(', ')}`);
    node.title = `Also here: ${others.join(', ')}`;
    node.replaceChildren(...others.slice(0, most).map((name) => avatar(name)), ...(others.length > most ? [el('span', { class: 'rest' }, `+${others.length - most}`)] : []));
  }
  function hear(change) {
    if (change.kind !== kind || change.id !== id || change.version <= given.record.version) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if (given.record.version < change.version) given.refresh(); }, 150);
  }
  const offs = [presence(kind, id, show), ...['record.changed', 'record.deleted', 'deal.moved'].map((event) => on(event, hear))];
  return { node, close: () => { clearTimeout(timer); for (const off of offs) off(); } };
}
