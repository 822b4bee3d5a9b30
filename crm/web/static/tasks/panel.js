// The tasks of a record, as a tab of its page.
import { el, style } from '../dom.js';
import { onRecord } from '../edit.js';
import { kindOf } from '../kinds.js';
import { into, state } from '../layout.js';
import { kind, list } from './calls.js';
import { quickTask } from './quick.js';
import { row } from './row.js';

style(import.meta.url, './tasks.css');

export function panel(context, { kind: page, record }) {
  const target = { kind: kindOf[page], id: record.id };
  const rows = el('div', {});
  const node = el('div', { class: 'taskpanel' }, context.can('member') ? quickTask(context, { target }).node : null, rows);
  const load = into(rows, () => list(context, { target: `${target.kind}:${target.id}`, limit: 100 }), ({ items }) => {
    const open = items.filter((task) => task.status === 'open');
    const done = items.filter((task) => task.status === 'done').reverse();
    rows.replaceChildren(...(items.length ? [
      el('ul', {}, open.map((task) => row(context, task, { plain: true }))),
      done.length ? el('section', { class: 'taskgroup in-done' }, el('h2', {}, 'Done', el('span', { class: 'total' }, String(done.length))), el('ul', {}, done.map((task) => row(context, task, { plain: true })))) : '',
    ] : [state('tasks', 'No tasks', 'What is to be done next? Type it above, with a day.')]));
  });
  const off = onRecord((of) => { if (of === kind) load(); });
  load();
  return { node, close: off };
}
