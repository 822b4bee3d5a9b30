// Whether a record is there twice: a line above it, if there is something to say.
import { get } from '../api.js';
import { el, icon, style } from '../dom.js';
import { kindOf } from '../kinds.js';
import { into } from '../layout.js';
import { toast } from '../toast.js';
import { apart, compare, likeness } from './compare.js';

style(import.meta.url, './duplicates.css');

export function panel(context, given) {
  const { kind, subject } = given;
  const node = el('div', { class: 'notice twice', role: 'status', hidden: true, 'data-testid': 'duplicates' });
  const ask = async () => (given.record.deletedAt || !context.can('member') ? { items: [] } : get(`/${kind}/${given.record.id}/duplicates`).catch(() => ({ items: [] })));
  const look = into(node, ask, ({ items }) => {
    node.hidden = !items.length;
    if (!items.length) return;
    const [{ record, why, sure }] = items;
    node.replaceChildren(icon('copy'),
      el('span', { class: 'said' }, items.length > 1 ? `${items.length} others look like this: ` : sure ? 'This looks like ' : 'This may be ', el('a', { class: 'link', href: `/${kind}/${record.id}`, 'data-nav': true, dir: 'auto' }, subject.name(record)), ` (${likeness(why).toLowerCase()}).`),
      el('button', { type: 'button', class: 'button small', 'data-testid': 'apart', onclick: () => tell(record) }, 'Not the same'),
      el('button', { type: 'button', class: 'button small', 'data-testid': 'merge', onclick: () => merge(record) }, icon('merge'), 'Compare and merge'));
  });
  async function again() {
    await given.refresh();
    await look();
  }
  function merge(other) {
    const mine = given.record;
    compare(context, subject, [mine, other], {
      merged: ({ winner }) => (winner.id === mine.id ? again() : context.go(`/${kind}/${winner.id}`, { replace: true })),
      parted: () => (node.isConnected ? again() : undefined),
    });
  }
  async function tell(other) {
    const mine = given.record;
    await apart(kindOf[kind], mine, other, true);
    toast(`${subject.name(mine)} and ${subject.name(other)} stay two`, { undo: async () => { await apart(kindOf[kind], mine, other, false); await look(); } });
    await look();
  }
  look();
  return { node };
}
