// A record's fields, to read and to edit.
import { el, icon } from '../dom.js';
import { change } from '../edit.js';
import { buildForm, sendable } from '../fields.js';
import { when } from '../format.js';
import { toast } from '../toast.js';

let made = 0;

// panel is the form; the page shows a change at once, and what was there if it is refused.
export function panel(context, given) {
  const { subject } = given;
  const id = `record-${++made}`;
  const form = buildForm(subject.fields, context);
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const conflict = el('div', { class: 'conflict', role: 'alert', hidden: true });
  const save = el('button', { form: id, class: 'button primary', 'data-testid': 'save', disabled: true }, 'Save');
  const facts = el('p', { class: 'facts' });
  const node = el('div', { class: 'details', 'data-testid': 'details' },
    conflict,
    el('form', { id, onsubmit: submit, oninput: touched, onchange: touched, novalidate: true },
      el('div', { class: subject.kind === 'people' ? 'fields pair' : 'fields' }, subject.fields.map((field) => form.labelled(field)))),
    el('div', { class: 'saving' }, fault, el('span', { class: 'spring' }),
      el('button', { type: 'button', class: 'button', 'data-testid': 'discard', onclick: () => set(given.record) }, 'Discard'), save),
    facts);
  let base = given.record;
  let saving = false;

  // What is on its way to the server is not lost by leaving.
  const dirty = () => form.changed().length > 0 && !saving;

  function set(record, since) {
    base = record;
    const held = node.contains(document.activeElement) ? document.activeElement.name : '';
    form.set(record, since);
    form.clear();
    if (!context.can('member')) lock();
    if (held && !node.contains(document.activeElement)) node.querySelector(`[name="${held}"]`)?.focus();
    tell(record);
    conflict.hidden = fault.hidden = true;
    touched();
  }
  // lock leaves the fields to be read, for who may not change them.
  function lock() {
    for (const one of node.querySelectorAll('input, textarea')) one.readOnly = true;
    for (const one of node.querySelectorAll('select, form button')) one.disabled = true;
  }
  function tell(record) {
    facts.replaceChildren('Added ', when(record.createdAt), ` by ${context.who(record.createdBy)}`, el('br'), 'Changed ', when(record.updatedAt), ` by ${context.who(record.updatedBy)}`);
  }
  function touched() {
    const changed = form.changed().length > 0;
    node.classList.toggle('dirty', changed || saving);
    save.disabled = !changed || saving;
  }
  async function submit(event) {
    event?.preventDefault();
    const changed = form.changed();
    if (!changed.length || saving) return;
    saving = true;
    touched();
    form.clear();
    fault.hidden = true;
    const before = base;
    const sent = form.raws();
    try {
      const saved = await change(before, await form.read(changed), {
        show: given.show, who: context.who, ask,
        send: (record, values) => subject.calls.update(record.id, record.version, sendable(values)),
      });
      set(saved, sent);
      toast('Saved');
    } catch (problem) {
      if (node.isConnected) failed(problem);
      else toast(`${subject.name(before)} was not saved: ${problem.message}`, { bad: true });
    } finally {
      saving = false;
      touched();
    }
  }
  function failed(problem) {
    fault.textContent = form.show(problem);
    fault.hidden = !fault.textContent;
    node.querySelector('.fields .bad')?.focus();
  }
  // Somebody was quicker: nothing is lost until the user says which to keep.
  function ask({ who, when: ago, fields }) {
    const labels = subject.fields.filter((field) => fields.includes(field.key)).map((field) => field.label.toLowerCase());
    return new Promise((answer) => {
      const choice = (label, mine) => el('button', { type: 'button', class: 'button small', onclick: () => { conflict.hidden = true; answer(mine); } }, label);
      conflict.replaceChildren(icon('warning'), el('p', {}, `${who} changed the ${labels.join(' and the ')} ${ago}.`), el('div', { class: 'choices' }, choice('Keep mine', true), choice('Take theirs', false)));
      conflict.hidden = false;
    });
  }
  set(base);
  return {
    node, dirty,
    // update draws what came from elsewhere, but not over what is being typed.
    update(record) {
      if (saving) return;
      if (form.changed().length) tell(record);
      else set(record);
    },
  };
}
