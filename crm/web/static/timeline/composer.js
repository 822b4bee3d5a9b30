// The box above a timeline in which people write down what happened.
import { post } from '../api.js';
import { caps, run } from '../commands.js';
import { el, icon } from '../dom.js';
import { clock, moment, understand, zoneOf } from '../tasks/due.js';
import { create as createTask } from '../tasks/calls.js';
import { draft as taskDraft, understood } from '../tasks/quick.js';
import { toast } from '../toast.js';
import { keep, kept } from './drafts.js';
import { mentions } from './mentions.js';

const types = {
  note: { title: 'Note', icon: 'note', say: 'Write a note. @name tells a colleague.', save: 'Save note' },
  call: { title: 'Call', icon: 'phone', say: 'What was said?', save: 'Log call' },
  meeting: { title: 'Meeting', icon: 'meeting', say: 'What was agreed?', save: 'Log meeting' },
  email: { title: 'E-mail', icon: 'mail', say: 'What was written? For a letter sent from elsewhere.', save: 'Log e-mail' },
  task: { title: 'Task', icon: 'tasks', say: 'Call back on Friday at 9', save: 'Add task' },
};
const outcomes = [['', 'Outcome'], ['connected', 'Reached'], ['voicemail', 'Voicemail'], ['no-answer', 'No answer'], ['busy', 'Busy']];
const lengths = [['', 'Length'], ['5', '5 min'], ['15', '15 min'], ['30', '30 min'], ['45', '45 min'], ['60', '1 hour'], ['90', '1½ hours'], ['120', '2 hours']];

// composer writes activities and tasks of target; added(activity) is told.
export function composer(context, target, added) {
  const name = `${target.kind}:${target.id}`;
  let type = 'note';
  let busy = 0; // what is being saved
  const tabs = el('div', { class: 'writetypes', role: 'radiogroup', 'aria-label': 'What to write down', onkeydown: turn },
    Object.entries(types).map(([key, one]) => el('button', { type: 'button', role: 'radio', 'data-type': key, onclick: () => choose(key, true) }, icon(one.icon), el('span', {}, one.title))));
  const body = el('textarea', { name: 'body', rows: 1, dir: 'auto', maxlength: 500000, 'data-testid': 'compose', oninput: typed });
  const outcome = el('select', { name: 'outcome', 'aria-label': 'Outcome', onchange: typed }, outcomes.map(([key, text]) => el('option', { value: key }, text)));
  const minutes = el('select', { name: 'minutes', 'aria-label': 'Length', onchange: typed }, lengths.map(([key, text]) => el('option', { value: key }, text)));
  const at = el('input', { name: 'at', type: 'datetime-local', 'aria-label': 'When', onchange: typed });
  const chips = el('span', { class: 'taskchips', 'aria-live': 'polite' });
  const save = el('button', { class: 'button primary small', 'data-testid': 'log' });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const letter = el('button', { type: 'button', class: 'button small', hidden: true, onclick: () => run('create.email') }, icon('send'), 'Write and send');
  const node = el('form', { class: 'composer', onsubmit: submit, onkeydown: keys },
    tabs, body, fault, el('div', { class: 'writefoot' }, outcome, minutes, at, chips, el('span', { class: 'spring' }), letter,
      el('span', { class: 'writekeys', 'aria-hidden': 'true' }, caps('Mod+Enter').map((cap) => el('kbd', {}, cap))), save));
  const people = mentions(context, body);

  function choose(next, focus) {
    type = next;
    for (const button of tabs.children) {
      button.setAttribute('aria-checked', String(button.dataset.type === type));
      button.tabIndex = button.dataset.type === type ? 0 : -1;
    }
    body.placeholder = types[type].say;
    body.setAttribute('aria-label', types[type].title);
    outcome.hidden = type !== 'call';
    minutes.hidden = type !== 'call' && type !== 'meeting';
    at.hidden = type === 'note' || type === 'task';
    letter.hidden = type !== 'email';
    save.textContent = types[type].save;
    node.dataset.type = type;
    if (focus) body.focus();
    typed();
  }
  function turn(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const all = Object.keys(types);
    choose(all.at((all.indexOf(type) + by) % all.length));
    tabs.querySelector('[aria-checked="true"]').focus();
  }
  function typed() {
    fault.hidden = true;
    body.style.height = 'auto';
    body.style.height = `${Math.min(body.scrollHeight, 360)}px`;
    chips.replaceChildren(...(type === 'task' ? understood(context, understand(body.value, clock(zoneOf(context)), context.members)) : []));
    node.classList.toggle('written', Boolean(body.value.trim()));
    keep(context, name, written());
  }
  function keys(event) {
    if (event.key === 'Escape' && document.activeElement === body && !people.open()) { body.blur(); event.preventDefault(); event.stopPropagation(); }
  }
  const written = () => ({ type, body: body.value, outcome: outcome.value, minutes: minutes.value, at: at.value });
  function fill(was) {
    body.value = was.body ?? '';
    outcome.value = was.outcome ?? '';
    minutes.value = was.minutes ?? '';
    at.value = was.at ?? '';
    choose(types[was.type] ? was.type : 'note');
  }
  function reset() {
    body.value = outcome.value = minutes.value = at.value = '';
    choose(type);
  }
  async function submit(event) {
    event.preventDefault();
    const text = body.value.trim();
    if (!text && (busy || (type !== 'call' && type !== 'meeting'))) { body.focus(); return; }
    const was = written();
    const call = type === 'task' ? () => createTask(context, taskDraft(context, text, target)) : sending(text);
    busy++;
    reset(); // the box is free for what comes next while this is on its way
    keep(context, name, was);
    try {
      const made = await call();
      if (was.type === 'task') toast(`Task added: ${made.title}`);
      else added(made);
      typed();
    } catch (problem) {
      fill({ ...was, body: [was.body, body.value].filter((part) => part.trim()).join('\n') });
      Object.assign(fault, { textContent: problem.message, hidden: false });
    } finally {
      busy--;
    }
  }
  // sending is the call that saves what is in the box now.
  function sending(text) {
    const activity = {
      type, body: text, links: [target], ...(at.value && !at.hidden ? { occurredAt: moment(zoneOf(context), at.value.slice(0, 16)).toISOString() } : {}),
      ...(type === 'call' && outcome.value ? { outcome: outcome.value } : {}), ...(!minutes.hidden && minutes.value ? { minutes: Number(minutes.value) } : {}),
    };
    return () => post('/activities', activity);
  }

  fill(kept(context, name) ?? {});
  new ResizeObserver((seen, observer) => { if (body.offsetWidth) { observer.disconnect(); typed(); } }).observe(body); // its height is known once it is shown
  return {
    node, dirty: () => false, // what is written is kept
    begin: (next) => choose(next, true),
    commands: () => Object.entries({ note: 'n', call: 'l', meeting: 'm' }).map(([key, keys]) => (
      { id: `write.${key}`, title: key === 'note' ? 'Write a note' : `Log a ${key}`, group: 'Timeline', keys, icon: types[key].icon, run: () => { choose(key, true); } })),
  };
}
