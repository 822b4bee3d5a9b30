// Writing an e-mail: to a record or to anybody, from a template or not.
import * as api from '../api.js';
import { el, icon, style } from '../dom.js';
import { kindOf } from '../kinds.js';
import { menu } from '../menu.js';
import { overlay } from '../overlay.js';
import { keep, kept } from '../timeline/drafts.js';
import { toast } from '../toast.js';
import { recipient } from './recipient.js';
import { tools } from './tools.js';

style(import.meta.url, './mail.css');

// compose opens the letter. given: {kind, record} it is about, sent(mail) that
// is told. What is written and not sent is there again the next time.
export function compose(context, given = {}) {
  const target = given.record ? { kind: kindOf[given.kind], id: given.record.id } : null;
  const own = `mail:${target ? `${target.kind}:${target.id}` : 'anybody'}`;
  const before = kept(context, own);
  const { input: to, node: whom } = recipient({ target, companyId: given.kind === 'companies' ? given.record.id : given.record?.companyId, to: before?.to || given.record?.emails?.[0]?.value || '', changed: remember });
  const subject = el('input', { name: 'subject', autocomplete: 'off', maxlength: 300, value: before?.subject ?? '', oninput: soon });
  const text = el('textarea', { name: 'text', rows: 12, dir: 'auto', oninput: soon }, before?.body ?? '');
  const template = el('select', { 'aria-label': 'Template', disabled: true, onchange: take }, el('option', { value: '' }, 'No template'));
  const variable = el('button', { type: 'button', class: 'button small', disabled: true, 'aria-haspopup': 'menu' }, 'Insert …');
  const seen = el('div', { class: 'mail-preview', hidden: true });
  const missing = el('p', { class: 'mail-missing', role: 'status', hidden: true });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const look = el('button', { type: 'button', class: 'button', 'aria-pressed': 'false', onclick: preview }, icon('eye'), 'Preview');
  const send = el('button', { class: 'button primary', 'data-testid': 'mail-send' }, icon('send'), 'Send');
  const anew = el('button', { type: 'button', class: 'link small', hidden: !before, onclick: () => { letter.set({ subject: '', text: '' }); anew.hidden = true; subject.focus(); } }, 'Begin anew');
  const letter = { get: () => ({ subject: subject.value, text: text.value }), set(values) { if (values.subject !== undefined) subject.value = values.subject; if (values.text !== undefined) text.value = values.text; soon(); } };
  const form = el('form', { class: 'mail-letter', novalidate: true, onsubmit: submit, onkeydown: keys },
    whom,
    el('label', { class: 'field' }, el('span', {}, 'Subject'), subject),
    el('div', { class: 'mail-tools' }, template, variable, tools.map((tool) => el('button', { type: 'button', class: 'button small', onclick: () => run(tool) }, icon(tool.icon ?? 'ask'), tool.title))),
    el('label', { class: 'field' }, el('span', { class: 'hidden' }, 'Text'), text), seen, missing, fault,
    el('div', { class: 'ends' }, anew, el('span', { class: 'spring' }), look, send));
  const shown = overlay('New e-mail', form, { size: 'large', name: 'mail', onclose: left });
  let templates = [];
  let timer = null;
  let done = false; // it is sent
  let mine = null; // what was written before a template was taken

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
    if (one) mine ??= letter.get();
    letter.set(one ?? mine ?? {});
    if (!one) mine = null;
  }
  async function run(tool) {
    try {
      await (await tool.load()).run(context, { kind: given.kind, record: given.record, target, letter, say });
    } catch (problem) {
      say(problem.message);
    }
  }
  const draft = () => ({ to: to.value.trim(), subject: subject.value, text: text.value, target });

  function remember() { if (!done) keep(context, own, { to: to.value, subject: subject.value, body: text.value }); }
  function left() {
    clearTimeout(timer);
    if (!done && kept(context, own)) toast('The letter is kept as a draft', { action: { label: 'Throw away', run: () => keep(context, own, {}) } });
  }
  // soon tells, once the typing pauses, which variables have no value.
  function soon() {
    remember();
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
      done = true;
      keep(context, own, {});
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
