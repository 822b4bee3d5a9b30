// The line in which a task is typed: "Call Ana tomorrow 3pm".
import { el, icon } from '../dom.js';
import { create } from './calls.js';
import { clock, dayName, understand, zoneOf } from './due.js';

const again = { daily: 'every day', weekdays: 'every weekday', weekly: 'every week', monthly: 'every month' };

// understood says what was understood, as chips.
export function understood(context, found) {
  const { date } = clock(zoneOf(context));
  return [
    found.dueDate ? ['calendar', [dayName(found.dueDate, date), found.dueTime].filter(Boolean).join(' ')] : null,
    found.repeats ? ['refresh', again[found.repeats]] : null,
    found.priority === 'high' ? ['flag', 'High priority'] : null,
    found.assigneeId ? ['person', context.who(found.assigneeId)] : null,
  ].filter(Boolean).map(([sign, text]) => el('span', { class: 'understood' }, icon(sign), text));
}

// draft is what is sent of what was understood. Without a title the words
// were meant as one.
export function draft(context, typed, target) {
  const found = understand(typed, clock(zoneOf(context)), context.members);
  return {
    title: found.title || typed.trim(), priority: found.priority, dueDate: found.dueDate, dueTime: found.dueTime, repeats: found.repeats,
    assigneeId: found.assigneeId ?? context.me.user.id, remindMinutes: found.dueTime ? 10 : null, ...(target ? { target } : {}),
  };
}

// quickTask is a line that adds tasks.
export function quickTask(context, { target, label = 'Add a task' } = {}) {
  const input = el('input', { type: 'text', 'aria-label': label, placeholder: 'Add a task: “Call Ana tomorrow 3pm”', maxlength: 300, autocomplete: 'off', dir: 'auto', 'data-testid': 'quick-task', oninput: show });
  const chips = el('span', { class: 'taskchips', 'aria-live': 'polite' });
  const fault = el('span', { class: 'fault', role: 'alert', hidden: true });
  const node = el('form', { class: 'quicktask', onsubmit: submit }, icon('plus'), input, chips, fault);
  function show() {
    fault.hidden = true;
    chips.replaceChildren(...understood(context, understand(input.value, clock(zoneOf(context)), context.members)));
  }
  async function submit(event) {
    event.preventDefault();
    const typed = input.value;
    if (!typed.trim()) return;
    input.value = ''; // for the next, while this one is on its way
    show();
    try {
      await create(context, draft(context, typed, target));
    } catch (problem) {
      input.value ||= typed; // nothing that was typed is lost
      Object.assign(fault, { textContent: problem.message, hidden: false });
    }
  }
  return { node, focus: () => input.focus() };
}
