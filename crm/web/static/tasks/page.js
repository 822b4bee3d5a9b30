// The Tasks page: what is to be done, by when.
import { el, style } from '../dom.js';
import { onRecord } from '../edit.js';
import { failed, loading, page, state } from '../layout.js';
import { badge, kind, list, read } from './calls.js';
import { quickTask } from './quick.js';
import { assign, finish, reschedule, row } from './row.js';
import { edit } from './sheet.js';

style(import.meta.url, './tasks.css');

const groups = [['overdue', 'Overdue'], ['today', 'Today'], ['tomorrow', 'Tomorrow'], ['week', 'This week'], ['later', 'Later'], ['none', 'No date']];
const most = 200; // open tasks that are loaded at once

export async function open(context, { id } = {}) {
  let mine = context.query.get('all') === null;
  let tasks = new Map();
  let done = null; // the tasks that are done, once they were asked for
  let next = '';
  const body = el('div', { class: 'scroller tasklist' });
  const toggle = el('div', { class: 'taskwhose', role: 'group', 'aria-label': 'Whose tasks' }, [['Mine', true], ['All', false]].map(([text, value]) => el('button', { 'data-mine': String(value), onclick: () => choose(value) }, text)));
  const quick = context.can('member') ? quickTask(context) : null;
  const node = page('Tasks', { beside: toggle, className: 'taskspage' }, quick?.node, body);

  let asking = false;
  let turn = 0; // of what was asked for: only the last answer counts

  const opens = (cursor) => list(context, { status: 'open', assignee: mine ? 'me' : '', limit: most, cursor });
  const ended = async () => (await list(context, { status: 'done', assignee: mine ? 'me' : '', sort: '-completedAt', limit: 50 })).items;
  function take({ items, nextCursor }, before = []) {
    tasks = new Map([...before, ...items].map((task) => [task.id, task]));
    next = nextCursor ?? '';
    draw();
  }
  // refresh loads all of it; what is shown stays meanwhile, unless it is of others.
  async function refresh(other) {
    const now = ++turn;
    asking = true;
    const loaded = loading(body, other || !body.children.length ? 6 : 0);
    try {
      const [answer, list_] = await Promise.all([opens(''), done ? ended() : null]);
      if (now !== turn) return;
      if (list_) done = list_;
      take(answer);
    } catch (problem) {
      if (now === turn) body.replaceChildren(failed('Tasks', problem, refresh));
    } finally {
      loaded();
      if (now === turn) asking = false;
    }
  }
  async function further() {
    const now = turn;
    const answer = await opens(next);
    if (now === turn) take(answer, tasks.values());
  }
  function choose(value) {
    mine = value;
    context.setQuery({ all: mine ? '' : '1' });
    refresh(true);
  }
  function draw() {
    const held = body.contains(document.activeElement) ? document.activeElement.closest('.taskrow') : null;
    const rows = [...body.querySelectorAll('.taskrow')];
    const at = rows.indexOf(held);
    for (const button of toggle.children) button.setAttribute('aria-pressed', String((button.dataset.mine === 'true') === mine));
    const all = [...tasks.values()];
    const parts = groups.map(([name, title]) => [name, title, all.filter((task) => task.group === name)]).filter(([, , items]) => items.length);
    body.replaceChildren(
      ...(parts.length ? parts.map(([name, title, items]) => group(name, title, items)) : [state('check', 'All clear', mine ? 'Nothing is waiting for you. What you add appears here.' : 'Nobody has anything to do.')]),
      next ? el('button', { class: 'button more', onclick: further }, 'Show more') : '',
      el('div', { class: 'taskdonebar' }, el('button', { class: 'link', 'aria-expanded': String(Boolean(done)), 'data-testid': 'show-done', onclick: toggleDone }, done ? 'Hide what is done' : 'Show what is done')),
      done?.length ? group('done', 'Done', done) : done ? el('p', { class: 'muted taskdonebar' }, 'Nothing yet.') : '');
    const now = [...body.querySelectorAll('.taskrow')];
    if (held) (now.find((one) => one.dataset.id === held.dataset.id) ?? now[Math.min(at, now.length - 1)])?.focus();
    if (now.length && !body.querySelector('.taskrow[tabindex="0"]')) now[0].tabIndex = 0;
  }
  async function toggleDone() {
    if (done) done = null;
    else {
      const whose = mine;
      const answer = await ended();
      if (whose !== mine) { toggleDone(); return; }
      done = answer;
    }
    draw();
    body.querySelector('[data-testid="show-done"]').focus();
  }
  const group = (name, title, items) => el('section', { class: `taskgroup in-${name}`, 'aria-label': title },
    el('h2', {}, title, el('span', { class: 'total' }, String(items.length))), el('ul', {}, items.map((task) => row(context, task))));

  const looks = new Map(); // id → the last look at a task
  const off = onRecord(async (of, which, task) => {
    if (of !== kind) return;
    const look = {};
    looks.set(which, look);
    const fresh = task && !task.deletedAt ? await read(context, which).catch(() => null) : null; // its group is the server's to say
    if (looks.get(which) !== look) return; // it was changed again
    looks.delete(which);
    tasks.delete(which);
    if (done) done = done.filter((one) => one.id !== which);
    const ours = fresh && (!mine || fresh.assigneeId === context.me.user.id);
    if (ours && fresh.status === 'open') insert(fresh);
    else if (ours && done) done.unshift(fresh);
    draw();
    if (fresh?.repeats || asking) refresh(); // what is on its way may not know of it
  });
  const rank = (task) => task.dueAt ?? (task.dueDate ? `${task.dueDate}T99` : '9');
  function insert(task) {
    const sorted = [...tasks.values(), task].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
    tasks = new Map(sorted.map((one) => [one.id, one]));
  }

  const rows = () => [...body.querySelectorAll('.taskrow')];
  const here = () => document.activeElement.closest?.('.taskrow');
  const taskOf = (one) => tasks.get(one?.dataset.id) ?? done?.find(({ id: other }) => other === one?.dataset.id);
  function step(by) {
    const all = rows();
    const at = all.indexOf(here());
    const to = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
    if (!to) return false;
    for (const one of all) one.tabIndex = one === to ? 0 : -1;
    to.focus();
    to.scrollIntoView({ block: 'nearest' });
    return true;
  }
  const on = (fn) => () => {
    const one = here();
    const task = taskOf(one);
    return task && context.can('member') ? (fn(task, one), true) : false;
  };
  for (const definition of [
    { id: 'list.next', title: 'Next task', keys: ['j', 'ArrowDown'], hidden: true, run: () => step(1) },
    { id: 'list.before', title: 'Task before', keys: ['k', 'ArrowUp'], hidden: true, run: () => step(-1) },
    { id: 'task.done', title: 'Mark as done', keys: 'x', icon: 'check', run: on((task, one) => (task.status === 'done' ? one.querySelector('.taskbox').click() : finish(context, task, one))) },
    { id: 'task.move', title: 'Reschedule', keys: 'd', icon: 'calendar', run: on((task, one) => reschedule(context, task, one.querySelector('.taskdue') ?? one.querySelector('.tasktitle'))) },
    { id: 'task.assign', title: 'Assign', keys: 'a', icon: 'person', run: on((task, one) => assign(context, task, one.querySelector('.tasktitle'))) },
    { id: 'task.edit', title: 'Open task', keys: ['e', 'Enter'], icon: 'edit', run: on((task) => edit(context, task)) },
    { id: 'task.new', title: 'Type a task', keys: 'n', icon: 'plus', when: () => quick, run: () => quick.focus() },
  ]) context.command({ group: 'Tasks', ...definition });

  await refresh();
  badge(context).catch(() => {}); // the number is not worth a notice
  if (id) read(context, id).then((task) => edit(context, task));
  return { node, close: off };
}
