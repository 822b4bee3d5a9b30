// One task in a list.
import { el, icon, iconButton } from '../dom.js';
import { avatar } from '../format.js';
import { kinds, pathOf } from '../kinds.js';
import { menu } from '../menu.js';
import { complete, move, remove, reopen, update } from './calls.js';
import { clock, dueName, plus, weekday, zoneOf } from './due.js';
import { edit } from './sheet.js';

// row draws a task. plain leaves out what the place says anyway: the record.
export function row(context, task, { plain = false } = {}) {
  const done = task.status === 'done';
  const able = context.can('member');
  const box = el('button', {
    class: 'taskbox', role: 'checkbox', 'aria-checked': String(done), 'aria-label': `Done: ${task.title}`, disabled: !able, tabindex: -1,
    onclick: () => (done ? reopen(context, task) : finish(context, task, node)),
  }, icon('check'));
  const due = dueName(task, zoneOf(context));
  const more = iconButton('more', 'More', () => menu(more, actions(context, task), { label: task.title, side: 'end' }), { 'aria-haspopup': 'menu', tabindex: -1 });
  const node = el('li', { class: `taskrow in-${task.group}`, 'data-id': task.id, 'data-testid': 'task-row', tabindex: -1 },
    box,
    el('button', { class: 'tasktitle', dir: 'auto', tabindex: -1, onclick: () => edit(context, task) }, task.title),
    task.priority === 'high' ? el('span', { class: 'taskflag', title: 'High priority' }, icon('flag'), el('span', { class: 'hidden' }, 'High priority')) : null,
    task.repeats ? el('span', { class: 'taskmark', title: `Comes again: ${task.repeats}` }, icon('refresh')) : null,
    !plain && task.target ? about(task.target) : null,
    el('span', { class: 'spring' }),
    due ? el('button', { class: 'taskdue', tabindex: -1, disabled: !able, 'aria-label': `Due ${due}, reschedule`, onclick: (event) => reschedule(context, task, event.currentTarget) }, due) : null,
    task.assigneeId ? el('span', { class: 'taskwho', title: task.assigneeName }, avatar(task.assigneeName), el('span', { class: 'hidden' }, task.assigneeName)) : el('span', { class: 'taskwho' }),
    able ? more : null);
  return node;
}

const about = (target) => el('a', { class: 'taskabout', href: pathOf(target.kind, target.id), 'data-nav': true, tabindex: -1, dir: 'auto' }, icon(kinds[target.kind].icon), el('span', {}, target.title || kinds[target.kind].one));

// finish lets a task be seen as done before it goes.
export async function finish(context, task, node) {
  node.classList.add('finished');
  node.querySelector('.taskbox').setAttribute('aria-checked', 'true');
  try {
    await complete(context, task);
  } catch (problem) {
    node.classList.remove('finished');
    node.querySelector('.taskbox').setAttribute('aria-checked', 'false');
    throw problem;
  }
}

function actions(context, task) {
  return [
    { label: 'Edit', icon: 'edit', run: () => edit(context, task) },
    task.status === 'done' ? { label: 'Open again', icon: 'undo', run: () => reopen(context, task) } : null,
    { label: 'Reschedule…', icon: 'calendar', run: () => reschedule(context, task, document.activeElement) },
    { label: 'Assign…', icon: 'person', run: () => assign(context, task, document.activeElement) },
    { label: task.priority === 'high' ? 'Normal priority' : 'High priority', icon: 'flag', run: () => update(context, task, { priority: task.priority === 'high' ? 'normal' : 'high' }) },
    { label: 'Delete', icon: 'trash', danger: true, run: () => remove(context, task) },
  ].filter(Boolean);
}

// reschedule offers the days that are mostly wanted.
export function reschedule(context, task, anchor) {
  const { date } = clock(zoneOf(context));
  const choose = (dueDate, name) => () => move(context, task, { dueDate }, name);
  menu(anchor, [
    { label: 'Today', key: 't', icon: 'calendar', run: choose(date, 'today') },
    { label: 'Tomorrow', key: 'm', icon: 'calendar', run: choose(plus(date, 1), 'tomorrow') },
    { label: 'In two days', key: '2', icon: 'calendar', run: choose(plus(date, 2), 'in two days') },
    { label: 'Next Monday', key: 'n', icon: 'calendar', run: choose(weekday(date, 1), 'next Monday') },
    { label: 'In a month', key: 'o', icon: 'calendar', run: choose(plus(date, 30), 'in a month') },
    null,
    { label: 'Another day…', key: 'p', icon: 'clock', run: () => edit(context, task, 'dueDate') },
    task.dueDate ? { label: 'No date', key: 'x', icon: 'close', run: () => move(context, task, { dueDate: null }) } : null,
  ].filter((item, i, all) => item !== null || i < all.length - 1), { label: 'Reschedule' });
}

// assign offers the members.
export function assign(context, task, anchor) {
  menu(anchor, [
    ...context.members.map((member) => ({ label: member.name, node: avatar(member.name), checked: member.id === task.assigneeId, run: () => update(context, task, { assigneeId: member.id }) })),
    null,
    { label: 'Nobody', icon: 'close', checked: !task.assigneeId, run: () => update(context, task, { assigneeId: null }) },
  ], { label: 'Assign' });
}
