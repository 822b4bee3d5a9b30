// Writing an e-mail: to a record or to anybody, from a template or not.
import * as api from '../api.js';
import { el, icon, style } from '../dom.js';
import { menu } from '../menu.js';
import { overlay } from '../overlay.js';
import { toast } from '../toast.js';
import { tools } from './tools.js';

style(import.meta.url, './mail.css');

const singular = { people: 'person', companies: 'company', deals: 'deal' };

// compose opens the letter. given: {kind, record} it is about, {to, subject,
// text} to begin with, sent(mail) that is told.
export function compose(context, given = {}) {
  const target = given.record ? { kind: singular[given.kind] ?? given.kind, id: given.record.id } : null;
  const to = el('input', { name: 'to', type: 'email', autocomplete: 'off', required: true, value: given.to ?? given.record?.emails?.[0]?.value ?? '' });
  const subject = el('input', { name: 'subject', autocomplete: 'off', maxlength: 300, value: given.subject ?? '', oninput: soon });
  const text = el('textarea', { name: 'text', rows: 12, dir: 'auto', oninput: soon }, given.text ?? '');
  const template = el('select', { 'aria-label': 'Template', disabled: true, onchange: take }, el('option', { value: '' }, 'No template'));
  const variable = el('button', { type: 'button', class: 'button small', disabled: true, 'aria-haspopup': 'menu' }, 'Insert …');
  const seen = el('div', { class: 'mail-preview', hidden: true });
  const missing = el('p', { class: 'mail-missing', role: 'status', hidden: true });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const look = el('button', { type: 'button', class: 'button', 'aria-pressed': 'false', onclick: preview }, icon('eye'), 'Preview');
  const send = el('button', { class: 'button primary', 'data-testid': 'mail-send' }, icon('send'), 'Send');
  const letter = { get: () => ({ subject: subject.value, text: text.value }), set(values) { if (values.subject !== undefined) subject.value = values.subject; if (values.text !== undefined) text.value = values.text; soon(); } };
  const form = el('form', { class: 'mail-letter', novalidate: true, onsubmit: submit, onkeydown: keys },
    el('label', { class: 'field' }, el('span', {}, 'To'), to),
    el('label', { class: 'field' }, el('span', {}, 'Subject'), subject),
    el('div', { class: 'mail-tools' }, template, variable, tools.map((tool) => el('button', { type: 'button', class: 'button small', onclick: () => run(tool) }, icon(tool.icon ?? 'ask'), tool.title))),
    el('label', { class: 'field' }, el('span', { class: 'hidden' }, 'Text'), text), seen, missing, fault,
    el('div', { class: 'ends' }, look, send));
  const shown = overlay('New e-mail', form, { size: 'large', name: 'mail' });
  let templates = [];
  let timer = null;

  api.get('/templates').then(({ items, variables }) => {
    templates = items;
    template.append(...items.map((one) => el('option', { value: one.id }, one.name)));
    template.disabled = !items.length;
    variable.disabled = false;
    variable.onclick = () => menu(variable, variables.map((name) => ({ label: `{{${name}}}`, run: () => insert(`{{${name}}}`) })), { label: 'Variables' });
  }).catch(() => {});
  api.get('/emails/health').then((health) => {
    if (!health.configured) { fault.textContent = 'No mail server is set up, so e-mail is kept and not sent.'; fault.hidden = false; }
  }).catch(() => {});
  (to.value ? subject : to).focus();

  function insert(value) {
    text.setRangeText(value, text.selectionStart, text.selectionEnd, 'end');
    text.focus();
    soon();
  }
  function take() {
    const one = templates.find((each) => each.id === template.value);
    if (one) letter.set(one);
  }
  async function run(tool) {
    try {
      await (await tool.load()).run(context, { kind: given.kind, record: given.record, target, letter, say });
    } catch (problem) {
      say(problem.message);
    }
  }
  const draft = () => ({ to: to.value.trim(), subject: subject.value, text: text.value, target });

  // soon tells, once the typing pauses, which variables have no value.
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => fill().catch(() => {}), 500);
  }
  async function fill() {
    if (!/\{\{/.test(subject.value + text.value) && seen.hidden) { missing.hidden = true; return null; }
    const filled = await api.post('/emails/preview', draft());
    const lacking = [...filled.missing.map((name) => `{{${name}}} has no value here`), ...filled.unknown.map((name) => `{{${name}}} does not exist`)];
    missing.hidden = !lacking.length;
    missing.textContent = lacking.length ? `${lacking.join(', ')}. Write {{firstName|there}} to say what stands there instead.` : '';
    if (!seen.hidden) seen.replaceChildren(el('b', { dir: 'auto' }, filled.subject || 'No subject'), el('pre', { dir: 'auto' }, filled.text));
    return filled;
  }
  async function preview() {
    seen.hidden = !seen.hidden;
    look.setAttribute('aria-pressed', String(!seen.hidden));
    text.closest('label').hidden = !seen.hidden;
    await fill().catch((problem) => say(problem.message));
  }
  function keys(event) {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) { event.preventDefault(); form.requestSubmit(); }
  }
  function say(words) {
    fault.textContent = words;
    fault.hidden = false;
  }
  async function submit(event) {
    event.preventDefault();
    fault.hidden = true;
    send.disabled = true;
    try {
      const mail = await api.post('/emails', draft());
      shown.close();
      toast(`E-mail to ${mail.to} is on its way`);
      given.sent?.(mail);
    } catch (problem) {
      say(problem.message);
      send.disabled = false;
    }
  }
  return shown;
}

// run is the action: a letter to anybody.
export const run = (context) => compose(context);
