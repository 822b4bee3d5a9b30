// The row at the head of a table in which a record is added.
import { el, icon } from '../dom.js';
import { buildForm, sendable } from '../fields.js';
import { toast } from '../toast.js';

let rows = 0;

// quickAdd makes the row; added is called with each record made.
export function quickAdd(subject, context, { added, closed, span }) {
  const id = `add-${++rows}`; // a form cannot be around cells: its controls name it
  const fields = subject.quick.map((name) => subject.fields.find((field) => field.name === name))
    .map((field) => ({ ...field, form: id, single: true, placeholder: field.placeholder ?? field.label }));
  const form = buildForm(fields, context);
  const shell = el('form', { id, onsubmit: submit, novalidate: true });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const save = el('button', { class: 'button primary', 'data-testid': 'save', form: id }, 'Save');
  const node = el('tr', { class: 'adding', onkeydown: keys },
    el('td', { colspan: span() },
      el('div', { class: 'quick' }, shell, fields.map((field) => form.labelled(field)),
        el('div', { class: 'ends' }, save, el('button', { type: 'button', class: 'quiet', 'aria-label': 'Cancel', onclick: close }, icon('close')))),
      fault));

  async function submit(event) {
    event.preventDefault();
    if (save.disabled) return; // one press, one record
    hold(true);
    fault.hidden = true;
    form.clear();
    try {
      const record = await subject.calls.create(sendable(await form.read()));
      form.set({});
      hold(false);
      added(record);
      focus();
    } catch (problem) {
      if (!node.isConnected) { toast(`The ${subject.one} was not added: ${problem.message}`, { bad: true }); return; }
      fault.textContent = form.show(problem);
      fault.hidden = !fault.textContent;
      node.querySelector('.bad')?.focus();
    } finally {
      hold(false);
    }
  }
  // hold keeps what is being saved as it is: what is typed now would go with it.
  function hold(yes) {
    save.disabled = yes;
    for (const input of node.querySelectorAll('input')) input.readOnly = yes;
  }
  function keys(event) {
    if (event.key === 'Escape') { event.stopPropagation(); close(); }
  }
  function close() {
    form.set({});
    form.clear();
    fault.hidden = true;
    node.remove();
    closed();
  }
  const focus = () => node.querySelector('input').focus();
  return { node, focus, close, shown: () => node.isConnected };
}
