// The forms of the way in: labelled fields, one button, one place for faults.
import { el } from '../dom.js';

const kinds = {
  name: { label: 'Your name', autocomplete: 'name', maxlength: 120 },
  email: { label: 'E-mail', type: 'email', autocomplete: 'username', inputmode: 'email', maxlength: 254 },
  password: { label: 'Password', type: 'password', autocomplete: 'current-password' },
  fresh: { label: 'New password', type: 'password', autocomplete: 'new-password', minlength: 6 },
};

// form asks for some of the kinds above, and calls send(values) with what is
// typed; what send throws is said below the fields.
export function form(names, label, send, values = {}) {
  const inputs = names.map((name) => {
    const { label: said, ...rest } = kinds[name];
    return el('label', { class: 'field' }, el('span', {}, said), el('input', { name, required: true, ...rest, value: values[name] }));
  });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const button = el('button', { class: 'button primary wide', 'data-testid': 'submit' }, label);
  const node = el('form', {
    novalidate: true,
    async onsubmit(event) {
      event.preventDefault();
      const wrong = [...node.querySelectorAll('input')].find(lack);
      if (wrong) { say(lack(wrong), wrong); return; }
      button.disabled = true;
      fault.hidden = true;
      try {
        await send(Object.fromEntries(new FormData(node)));
      } catch (problem) {
        say(problem.message, node.querySelector('input:invalid') ?? node.querySelector('input'));
      } finally {
        button.disabled = false;
      }
    },
  }, inputs, fault, button);
  function say(text, input) {
    fault.textContent = text;
    fault.hidden = false;
    input?.focus();
  }
  return node;
}

// lack is what a field needs before it can be sent, in words.
function lack(input) {
  if (!input.value.trim()) return `${kinds[input.name].label} is missing.`;
  if (input.validity.typeMismatch) return 'This is not an e-mail address.';
  return input.minLength > input.value.length ? `The password needs at least ${input.minLength} characters.` : '';
}
