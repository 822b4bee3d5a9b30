// One record, beside the table: read, edited, put into the trash.
import { el, icon } from './dom.js';
import { ago, avatar, when } from './format.js';
import { buildForm, sendable } from './fields.js';
import { toast } from './toast.js';

// drawer shows a record. list is the table beside it; close leaves.
export function drawer(subject, context, list, { close, openOther }) {
  const form = buildForm(subject.fields, context);
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const conflict = el('div', { class: 'conflict', role: 'alert', hidden: true });
  const save = el('button', { form: 'record', class: 'button primary', 'data-testid': 'save', disabled: true }, 'Save');
  const title = el('h2', { dir: 'auto', tabindex: -1 });
  const mark = el('span');
  const facts = el('p', { class: 'facts' });
  const related = el('div', { class: 'related' });
  const shell = el('form', { id: 'record', onsubmit: submit, oninput: touched, onchange: touched, novalidate: true },
    el('div', { class: subject.kind === 'people' ? 'fields pair' : 'fields' }, subject.fields.map((field) => form.labelled(field))), related, facts);
  const node = el('aside', { class: 'drawer', 'aria-label': `The ${subject.one}`, 'data-testid': 'drawer' },
    el('header', {}, mark, title,
      el('button', { class: 'quiet', 'aria-label': `Delete this ${subject.one}`, 'data-testid': 'delete', onclick: remove }, icon('trash')),
      el('button', { class: 'quiet', 'aria-label': 'Close', onclick: () => leave() }, icon('close'))),
    conflict, shell,
    el('footer', {}, fault, el('span', { class: 'spring' }),
      el('button', { type: 'button', class: 'button', 'data-testid': 'discard', onclick: () => show(base) }, 'Discard'), save));
  let base = null;

  // What is on its way to the server is not lost by leaving.
  const dirty = () => form.changed().length > 0 && !node.classList.contains('saving');
  const who = (id) => context.members.find((m) => m.id === id)?.name ?? 'Somebody';

  function heading(record) {
    const name = subject.name(record);
    title.textContent = name;
    mark.replaceChildren(avatar(name, `${subject.shape} big`));
    document.title = `${name} · ApexAI CRM`;
  }
  function show(record) {
    base = record;
    heading(record);
    form.set(record);
    form.clear();
    facts.replaceChildren('Added ', when(record.createdAt), ` by ${who(record.createdBy)}`, el('br'), 'Changed ', when(record.updatedAt), ` by ${who(record.updatedBy)}`);
    conflict.hidden = fault.hidden = true;
    touched();
    if (record.deletedAt) trashed();
  }
  function touched() {
    const changed = form.changed().length > 0;
    node.classList.toggle('dirty', changed);
    save.disabled = !changed;
  }
  function trashed() {
    notice(`This ${subject.one} is in the trash.`, ['Restore', async () => {
      show(await subject.calls.restore(base.id));
      list.load();
    }]);
  }
  function notice(text, ...actions) {
    conflict.replaceChildren(icon('warning'), el('p', {}, text), el('div', { class: 'choices' },
      actions.map(([label, run]) => el('button', { type: 'button', class: 'button small', onclick: () => Promise.resolve(run()).catch(failed) }, label))));
    conflict.hidden = false;
  }

  // The table shows the change at once, and what was there if it is refused.
  async function submit(event) {
    event?.preventDefault();
    const changed = form.changed();
    if (!changed.length || node.classList.contains('saving')) return;
    const before = base;
    node.classList.add('saving');
    save.disabled = true;
    form.clear();
    fault.hidden = true;
    try {
      const values = await form.read(changed);
      list.replace({ ...before, ...values });
      const saved = await subject.calls.update(before.id, before.version, sendable(values));
      list.replace(saved);
      if (node.isConnected) show(saved);
      toast('Saved');
    } catch (problem) {
      list.replace(before);
      if (!node.isConnected) toast(`${subject.name(before)} was not saved: ${problem.message}`, { bad: true });
      else if (problem.status === 412) disagree(problem.body.current, changed);
      else failed(problem);
    } finally {
      node.classList.remove('saving');
      touched();
    }
  }
  function failed(problem) {
    fault.textContent = form.show(problem);
    fault.hidden = !fault.textContent;
    node.querySelector('.fields .bad')?.focus();
  }
  // Somebody was quicker: nothing is lost until the user says which to keep.
  function disagree(current, changed) {
    const both = changed.filter((field) => JSON.stringify(current[field.key]) !== JSON.stringify(base[field.key])).map((field) => field.label.toLowerCase());
    list.replace(current);
    notice(`${who(current.updatedBy)} changed ${both.length ? `the ${both.join(' and the ')}` : 'this'} ${ago(current.updatedAt)}.`,
      ['Keep mine', () => { base = { ...base, version: current.version }; conflict.hidden = true; return submit(); }],
      ['Take theirs', () => show(current)]);
  }
  async function remove() {
    try {
      await subject.calls.remove(base.id, base.version);
    } catch (problem) {
      if (problem.status === 412) { disagree(problem.body.current, []); return; }
      if (problem.status !== 404) { toast(problem.message, { bad: true }); return; }
    }
    list.remove(base.id);
    const gone = base;
    leave(true);
    toast(`${subject.name(gone)} is in the trash`, { action: { label: 'Undo', run: () => undo(gone) } });
  }
  async function undo(gone) {
    try {
      await subject.calls.restore(gone.id);
      list.load();
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  function leave(without) {
    if (!without && dirty() && !confirm('Leave without saving?')) return;
    close();
  }
  async function open(id) {
    const known = list.find(id);
    if (known) show(known);
    try {
      const fresh = await subject.calls.get(id);
      if (!known || (fresh.version !== known.version && !form.changed().length)) show(fresh);
    } catch (problem) {
      if (problem.status === 404) { close(); toast(`There is no such ${subject.one}`, { bad: true }); return; }
      if (!known) failed(problem);
    }
    if (subject.kind === 'companies') staff(id);
  }
  // staff lists who works at a company.
  async function staff(id) {
    const page = await context.people.calls.list({ companyId: id, limit: 8, sort: 'name', count: 'exact' }).catch(() => null);
    if (!page?.items.length) return;
    related.replaceChildren(el('h3', {}, 'People ', el('span', { class: 'total' }, page.total)), el('ul', {}, page.items.map((p) => {
      const name = context.people.name(p);
      return el('li', {}, el('a', { href: `/people/${p.id}`, onclick: (event) => { event.preventDefault(); openOther(`/people/${p.id}`); } },
        avatar(name), el('span', { dir: 'auto' }, name), el('span', { class: 'muted', dir: 'auto' }, p.title)));
    })));
  }
  return { node, open, save: submit, leave, focus: () => title.focus(), dirty };
}
