// The form of one task, over the page.
import { el, style } from '../dom.js';
import { overlay } from '../overlay.js';
import { kinds, pathOf } from '../kinds.js';
import { create, update } from './calls.js';
import { toast } from '../toast.js';
import { clock, zoneOf } from './due.js';

style(import.meta.url, './tasks.css');

const reminders = [['', 'No reminder'], ['0', 'When it is due'], ['10', '10 minutes before'], ['30', '30 minutes before'], ['60', 'An hour before'], ['1440', 'A day before']];
const repetitions = [['', 'Once'], ['daily', 'Every day'], ['weekdays', 'Every weekday'], ['weekly', 'Every week'], ['monthly', 'Every month']];
const priorities = [['low', 'Low'], ['normal', 'Normal'], ['high', 'High']];

// edit opens a task; first names the field to begin in.
export const edit = (context, task, first = 'title') => sheet(context, task, first);

// add opens a new task with what is known of it already.
export const add = (context, preset = {}) => sheet(context, { title: '', note: '', priority: 'normal', assigneeId: context.me.user.id, dueDate: null, dueTime: null, remindMinutes: null, repeats: '', target: null, ...preset }, 'title');

function sheet(context, task, first) {
  const field = (name, label, node) => el('label', { class: 'field' }, el('span', {}, label), Object.assign(node, { name }), el('span', { class: 'fault', role: 'alert', hidden: true, 'data-for': name }));
  const choice = (list, value) => Object.assign(el('select', {}, list.map(([key, text]) => el('option', { value: key }, text))), { value: value ?? '' });
  const given = (tag, value, more) => Object.assign(el(tag, { autocomplete: 'off', ...more }), { value: value ?? '' });
  const seen = task.dueAt ? clock(zoneOf(context), new Date(task.dueAt)) : { date: task.dueDate, time: task.dueTime }; // by the reader's own clock
  const inputs = {
    title: given('input', task.title, { maxlength: 300, dir: 'auto' }),
    note: given('textarea', task.note, { rows: 3, maxlength: 10000, dir: 'auto' }),
    dueDate: given('input', seen.date, { type: 'date' }),
    dueTime: given('input', seen.time, { type: 'time' }),
    remindMinutes: choice(reminders, task.remindMinutes === null ? '' : String(task.remindMinutes)),
    repeats: choice(repetitions, task.repeats),
    priority: choice(priorities, task.priority),
    assigneeId: choice([['', 'Nobody'], ...context.members.map((member) => [member.id, member.name])], task.assigneeId),
  };
  const labels = { title: 'What', note: 'Note', dueDate: 'Date', dueTime: 'Time', remindMinutes: 'Reminder', repeats: 'Repeats', priority: 'Priority', assigneeId: 'Who' };
  const save = el('button', { class: 'button primary', 'data-testid': 'save' }, task.id ? 'Save' : 'Add task');
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const target = task.target ? el('p', { class: 'taskfor' }, 'About ', el('a', { class: 'link', href: pathOf(task.target.kind, task.target.id), 'data-nav': true, dir: 'auto', onclick: () => shown.close() }, task.target.title || kinds[task.target.kind].one)) : null;
  const form = el('form', { class: 'sheetform tasksheet', novalidate: true, onsubmit: submit }, target,
    el('div', { class: 'taskfields' }, Object.entries(inputs).map(([name, node]) => field(name, labels[name], node))), fault,
    el('div', { class: 'ends' }, el('button', { type: 'button', class: 'button', onclick: () => shown.close() }, 'Cancel'), save));
  const began = JSON.stringify(values());
  const shown = overlay(task.id ? 'Task' : 'New task', form, { name: 'taskover', dirty: () => JSON.stringify(values()) !== began });
  inputs[first].focus();

  function values() {
    const date = inputs.dueDate.value || null;
    return {
      title: inputs.title.value, note: inputs.note.value, priority: inputs.priority.value, assigneeId: inputs.assigneeId.value || null,
      dueDate: date, dueTime: date && (inputs.dueTime.value.slice(0, 5) || null), repeats: date ? inputs.repeats.value : '',
      remindMinutes: date && inputs.remindMinutes.value ? Number(inputs.remindMinutes.value) : null,
    };
  }
  async function submit(event) {
    event.preventDefault();
    if (save.disabled) return; // one press, one task
    save.disabled = true;
    const now = values();
    try {
      if (!task.id) {
        await create(context, { ...now, ...(task.target ? { target: { kind: task.target.kind, id: task.target.id } } : {}) });
        toast(`Task added: ${now.title}`);
      } else {
        const was = { ...task, dueDate: seen.date, dueTime: seen.time };
        const patch = Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== (was[name] ?? (name === 'note' || name === 'repeats' ? '' : null))));
        if ('dueDate' in patch || 'dueTime' in patch) Object.assign(patch, { zone: zoneOf(context), dueDate: now.dueDate, dueTime: now.dueTime, remindMinutes: now.remindMinutes, repeats: now.repeats });
        if (Object.keys(patch).length) await update(context, task, patch);
      }
      shown.close();
    } catch (problem) {
      refuse(problem);
    } finally {
      save.disabled = false;
    }
  }
  function refuse(problem) {
    for (const node of form.querySelectorAll('.fault')) node.hidden = true;
    for (const one of problem.body?.errors ?? []) {
      const name = one.pointer.split('/')[1];
      const place = form.querySelector(`[data-for="${CSS.escape(name)}"]`) ?? fault;
      Object.assign(place, { textContent: one.message, hidden: false });
      inputs[name]?.focus();
    }
    if (!problem.body?.errors?.length) Object.assign(fault, { textContent: problem.message, hidden: false });
  }
}
