// A form over the page in which a record is made.
import { el } from '../dom.js';
import { announce } from '../edit.js';
import { buildForm, sendable } from '../fields.js';
import { overlay } from '../overlay.js';
import { toast } from '../toast.js';

// createRecord asks for a new record of the subject; preset fills fields in.
// made(record) is told of it, otherwise a notice offers to open it.
export function createRecord(context, subject, { preset = {}, made } = {}) {
  const fields = subject.quick.map((name) => subject.fields.find((field) => field.name === name)).map((field) => ({ ...field, single: true }));
  const form = buildForm(fields, context);
  form.set(preset);
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const save = el('button', { class: 'button primary', 'data-testid': 'save' }, `Add ${subject.one}`);
  const node = el('form', { class: 'sheetform', onsubmit: submit, novalidate: true },
    el('div', { class: 'fields pair' }, fields.map((field) => form.labelled(field))), fault,
    el('div', { class: 'ends' }, el('button', { type: 'button', class: 'button', onclick: () => shown.close() }, 'Cancel'), save));
  const shown = overlay(`New ${subject.one}`, node, { name: 'create', dirty: () => form.changed().length > 0 });
  async function submit(event) {
    event.preventDefault();
    if (save.disabled) return; // one press, one record
    save.disabled = true;
    fault.hidden = true;
    form.clear();
    try {
      const record = await subject.calls.create(sendable(await form.read()));
      announce(subject.kind, record.id, record);
      shown.close();
      if (made) made(record);
      else toast(`${subject.name(record)} added`, { action: { label: 'Open', run: () => context.go(`/${subject.kind}/${record.id}`) } });
    } catch (problem) {
      fault.textContent = form.show(problem);
      fault.hidden = !fault.textContent;
      node.querySelector('.bad')?.focus();
    } finally {
      save.disabled = false;
    }
  }
}
