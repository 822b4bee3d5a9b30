// What the sections about people and access are made of.
import { el, icon, iconButton, style } from '../dom.js';
import { toast } from '../toast.js';

style(import.meta.url, './parts.css');

// field is a labelled control; more are the input's attributes.
export const field = (label, name, more = {}, hint) => el('label', { class: 'field' }, el('span', {}, label, hint ? el('em', {}, ` ${hint}`) : null), el('input', { name, ...more }));

// choice is a labelled select of [value, text] pairs.
export const choice = (label, name, pairs, chosen) => el('label', { class: 'field' }, el('span', {}, label),
  el('select', { name }, pairs.map(([value, text]) => el('option', { value, selected: value === chosen }, text))));

// form calls send(values) and says what it throws below the fields.
export function form(label, send, ...fields) {
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const button = el('button', { class: 'button primary', 'data-testid': 'save' }, label);
  const node = el('form', {
    class: 'plainform', novalidate: true,
    async onsubmit(event) {
      event.preventDefault();
      button.disabled = true;
      fault.hidden = true;
      try {
        await send(Object.fromEntries(new FormData(node)), node);
      } catch (problem) {
        fault.textContent = problem.message;
        fault.hidden = false;
      } finally {
        button.disabled = false;
      }
    },
  }, fields, fault, el('div', {}, button));
  return node;
}

// rows is a list with hairlines, or a sentence if there is nothing in it.
export const rows = (label, list, nothing) => (list.length ? el('ul', { class: 'rows', 'aria-label': label }, list) : el('p', { class: 'muted' }, nothing));

// row is one line: a mark, what it is, what is said of it, what can be done.
export const row = (mark, title, below, ...ends) => el('li', { class: 'row' }, mark,
  el('div', { class: 'what' }, el('span', { dir: 'auto' }, title), below ? el('span', { class: 'muted small' }, below) : null), ends);

export const drop = (label, run) => iconButton('trash', label, run);

// copyable is a text to take along, which is shown this once.
export function copyable(label, text) {
  const input = el('input', { readonly: true, value: text, 'aria-label': label, onfocus: (event) => event.target.select() });
  const copy = el('button', {
    type: 'button', class: 'button',
    async onclick() {
      input.select();
      await navigator.clipboard?.writeText(text).then(() => toast('Copied'), () => toast('Select it and copy it by hand', { bad: true }));
    },
  }, icon('copy'), 'Copy');
  return el('div', { class: 'copyable field' }, input, copy);
}
