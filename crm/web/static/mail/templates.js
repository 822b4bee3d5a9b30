// Settings: the templates that e-mail is written from.
import * as api from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { state } from '../layout.js';
import { overlay, sure } from '../overlay.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';

style(import.meta.url, './mail.css');

export async function section(context) {
  const may = context.can('member');
  const list = el('div', {});
  const add = el('button', { class: 'button', hidden: true, onclick: () => edit(null) }, icon('plus'), 'New template');
  let known = [];
  async function load() {
    const { items, variables } = await api.get('/templates');
    known = variables;
    add.hidden = !may || !items.length;
    list.replaceChildren(items.length ? el('ul', { class: 'mail-templates' }, items.map(entry)) : state('mail', 'No templates yet', 'Write once what you send often. Names and companies are filled in.', may ? el('button', { class: 'button primary', 'data-testid': 'template-new', onclick: () => edit(null) }, 'New template') : null));
  }
  const entry = (one) => el('li', {}, el('button', { class: 'what', disabled: !may, onclick: () => edit(one) }, el('b', { dir: 'auto' }, one.name), el('span', { class: 'muted small', dir: 'auto' }, one.subject)),
    may ? iconButton('trash', `Delete ${one.name}`, () => drop(one)) : null);
  async function drop(one) {
    if (!await sure(`Delete the template ${one.name}?`, { yes: 'Delete', danger: true })) return;
    try {
      await api.remove(`/templates/${one.id}`, { version: one.version });
      await load();
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  function edit(one) {
    const name = el('input', { name: 'name', maxlength: 120, value: one?.name ?? '' });
    const subject = el('input', { name: 'subject', maxlength: 300, value: one?.subject ?? '' });
    const text = el('textarea', { name: 'text', rows: 12, dir: 'auto' }, one?.text ?? '');
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    const form = el('form', { class: 'mail-letter', novalidate: true, async onsubmit(event) {
      event.preventDefault();
      const values = { name: name.value, subject: subject.value, text: text.value };
      try {
        await (one ? api.patch(`/templates/${one.id}`, values, { version: one.version }) : api.post('/templates', values));
        shown.close();
        toast('Saved');
        await load();
      } catch (problem) {
        fault.textContent = problem.status === 412 ? 'Somebody changed this template meanwhile. Close and open it again.' : problem.message;
        fault.hidden = false;
      }
    } }, el('label', { class: 'field' }, el('span', {}, 'Name'), name), el('label', { class: 'field' }, el('span', {}, 'Subject'), subject), el('label', { class: 'field' }, el('span', {}, 'Text'), text),
    el('p', { class: 'muted small mail-known' }, 'Filled in: ', known.map((each) => el('code', {}, `{{${each}}}`)), ' – with a bar, what stands there if it is not known: ', el('code', {}, '{{firstName|there}}')), fault,
    el('div', { class: 'ends' }, el('button', { class: 'button primary', 'data-testid': 'template-save' }, 'Save')));
    const shown = overlay(one ? 'Template' : 'New template', form, { size: 'large', dirty: () => name.value !== (one?.name ?? '') || subject.value !== (one?.subject ?? '') || text.value !== (one?.text ?? '') });
  }
  await load();
  return { node: sheet('Templates', 'E-mails that everyone here may write from.', add, list) };
}
