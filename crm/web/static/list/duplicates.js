// Whether a record is there twice, and the way to make one of two.
import { get, post } from '../api.js';
import { announce } from '../edit.js';
import { el, icon, style } from '../dom.js';
import { avatar } from '../format.js';
import { overlay } from '../overlay.js';
import { toast } from '../toast.js';
import { schemaOf, valueOf } from './schema.js';
import { show } from './values.js';

style(import.meta.url, './list.css');

const compared = { people: ['firstName', 'lastName', 'title', 'companyName', 'owner', 'source', 'address'], companies: ['name', 'domain', 'industry', 'sizeBand', 'owner', 'source', 'address'] };
const sent = { companyName: 'companyId', owner: 'ownerId' };

// panel is a line above the record, if there is something to say.
export function panel(context, given) {
  const { subject } = given;
  const node = el('div', { class: 'notice twice', role: 'status', hidden: true, 'data-testid': 'duplicates' });
  async function look() {
    if (given.record.deletedAt || !context.can('member')) { node.hidden = true; return; }
    const { items } = await get(`/${given.kind}/${given.record.id}/duplicates`).catch(() => ({ items: [] }));
    node.hidden = !items.length;
    if (!items.length) return;
    const [first] = items;
    node.replaceChildren(icon('copy'), el('span', {}, items.length > 1 ? `${items.length} others look like this: ` : 'This looks like ', el('strong', { dir: 'auto' }, subject.name(first.record)), ` (same ${first.why.join(' and ')}).`),
      el('button', { type: 'button', class: 'button small', 'data-testid': 'merge', onclick: () => merge(first.record) }, icon('merge'), 'Compare and merge'));
  }
  async function merge(other) {
    const { fields } = await schemaOf(given.kind);
    const record = given.record;
    const names = [...compared[given.kind], ...fields.filter(({ name }) => name.startsWith('cf.')).map(({ name }) => name)];
    const differs = names.filter((name) => JSON.stringify(valueOf(record, name) ?? '') !== JSON.stringify(valueOf(other, name) ?? ''));
    const empty = (value) => value === undefined || value === null || value === '' || value.length === 0;
    const lines = differs.map((name) => {
      const field = fields.find((one) => one.name === name) ?? { name, label: name, type: 'text' };
      const theirs = empty(valueOf(record, name));
      const choice = (from, value, on) => el('label', { class: 'mergechoice' }, el('input', { type: 'radio', name: `merge-${name}`, value, checked: on }), show(field, valueOf(from, name), context));
      return el('fieldset', { class: 'mergeline', 'data-name': name }, el('legend', {}, field.label), choice(record, 'mine', !theirs), choice(other, 'theirs', theirs));
    });
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    const form = el('form', { class: 'merge', onsubmit: submit },
      el('div', { class: 'mergehead' }, [record, other].map((one, at) => el('div', {}, avatar(subject.name(one), subject.shape), el('div', {}, el('strong', { dir: 'auto' }, subject.name(one)), el('p', { class: 'muted small' }, at ? 'Goes into the trash' : 'Stays'))))),
      lines.length ? lines : el('p', { class: 'muted' }, 'They say the same of everything.'),
      el('p', { class: 'muted small' }, 'Addresses, numbers and tags of both are kept; deals, tasks and the timeline come along. It can be undone.'), fault,
      el('div', { class: 'ends' }, el('button', { class: 'button primary', 'data-testid': 'merge-now', autofocus: true }, icon('merge'), 'Merge')));
    const shown = overlay(`Merge two ${subject.many}`, form, { size: 'large', name: 'mergeover' });
    async function submit(event) {
      event.preventDefault();
      const choose = Object.fromEntries(lines.map((line) => { const { name } = line.dataset; return [name.startsWith('cf.') ? `custom.${name.slice(3)}` : sent[name] ?? name, line.querySelector('input:checked').value]; }));
      try {
        const merged = await post(`/${given.kind}/${record.id}/merge`, { with: other.id, choose }, { version: record.version });
        shown.close();
        announce(given.kind, other.id, null);
        await given.refresh();
        look();
        toast('Merged', { undo: async () => { await post(`/merges/${merged.id}/undo`); await given.refresh(); look(); toast('There are two again'); } });
      } catch (problem) {
        fault.textContent = problem.status === 412 ? 'Somebody changed this meanwhile. Close this, look, and merge again.' : problem.message;
        fault.hidden = false;
      }
    }
  }
  look();
  return { node };
}
