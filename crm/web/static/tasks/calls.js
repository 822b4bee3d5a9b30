// The calls for tasks, and what is done to one from wherever it is shown.
import { get, patch, post, remove as send } from '../api.js';
import { announce } from '../edit.js';
import { inOrder } from '../order.js';
import { setBadge } from '../frame/rail.js';
import { toast } from '../toast.js';
import { zoneOf } from './due.js';

export const kind = 'tasks';

export const list = (context, query, signal) => get('/tasks', { query: { zone: zoneOf(context), ...query }, signal });
export const read = (context, id) => get(`/tasks/${id}`, { query: { zone: zoneOf(context) } });

// badge shows in the rail how many of the user's tasks are overdue or for today.
export const badge = inOrder((context) => get('/tasks/counts', { query: { zone: zoneOf(context) } }), ({ overdue, today }) => setBadge('/tasks', overdue + today));

function changed(context, task) {
  announce(kind, task.id, task);
  badge(context).catch(() => {}); // the number is not worth a notice
  return task;
}

// create adds a task; a time is by the clocks of the user's zone.
export async function create(context, draft) {
  return changed(context, await post('/tasks', { zone: zoneOf(context), ...draft }));
}

// update changes a task as it was read; what somebody else changed meanwhile
// in other places of it stays.
export async function update(context, task, values) {
  try {
    return changed(context, await patch(`/tasks/${task.id}`, values, { version: task.version }));
  } catch (problem) {
    const current = problem.status === 412 && problem.body.current;
    if (!current) throw problem;
    return changed(context, await patch(`/tasks/${task.id}`, values, { version: current.version }));
  }
}

export async function complete(context, task) {
  const done = changed(context, await post(`/tasks/${task.id}/complete`));
  toast(`Done: ${task.title}`, { undo: () => reopen(context, task) });
  return done;
}

export const reopen = async (context, task) => changed(context, await post(`/tasks/${task.id}/reopen`));

export async function remove(context, task) {
  await send(`/tasks/${task.id}`, { version: task.version });
  announce(kind, task.id, null);
  badge(context).catch(() => {}); // the number is not worth a notice
  toast(`${task.title} is deleted`, { undo: async () => changed(context, await post(`/tasks/${task.id}/restore`)) });
}

// move sets another due date and offers to set the old one again.
export async function move(context, task, values, name) {
  const was = { dueDate: task.dueDate, dueTime: task.dueTime, zone: task.zone, repeats: task.repeats, remindMinutes: task.remindMinutes };
  const moved = await update(context, task, { zone: zoneOf(context), ...values });
  toast(values.dueDate ? `Moved to ${name}` : 'Has no date any more', { undo: () => update(context, moved, was) });
  return moved;
}
