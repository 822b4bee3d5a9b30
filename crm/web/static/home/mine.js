// Home: the user's tasks that are overdue or for today.
import { el, icon, style } from '../dom.js';
import { onRecord } from '../edit.js';
import { into } from '../layout.js';
import { badge, kind, list } from '../tasks/calls.js';
import { quickTask } from '../tasks/quick.js';
import { row } from '../tasks/row.js';

style(import.meta.url, '../tasks/tasks.css');

const most = 8;

export async function card(context) {
  const rows = el('div', {});
  const head = el('h3', {});
  const node = el('div', { class: 'homepart', 'data-testid': 'my-tasks' }, head, context.can('member') ? quickTask(context).node : null, rows);
  const load = into(rows, () => Promise.all(['overdue', 'today'].map((due) => list(context, { due, assignee: 'me', limit: most }))), ([late, today]) => {
    const all = [...late.items, ...today.items].slice(0, most);
    const more = Boolean(late.nextCursor || today.nextCursor) || late.items.length + today.items.length > most;
    head.replaceChildren('Today', el('span', { class: 'total' }, all.length ? ` ${all.length}${more ? '+' : ''}` : ''), el('span', { class: 'spring' }), el('a', { class: 'link small', href: '/tasks', 'data-nav': true }, 'All tasks'));
    rows.replaceChildren(all.length ? el('ul', {}, all.map((task) => row(context, task))) : el('p', { class: 'homecalm' }, icon('check'), 'Nothing due today.'));
  });
  const off = onRecord((of) => { if (of === kind) load(); });
  await load();
  badge(context).catch(() => {}); // the number is not worth a notice
  return { node, close: off };
}
