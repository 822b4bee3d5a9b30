// A record's tags and the workspace's own fields, beside its other details.
import { el, iconButton, style } from '../dom.js';
import { change } from '../edit.js';
import { loading } from '../layout.js';
import { toast } from '../toast.js';
import { control } from './controls.js';
import { popover } from './popover.js';
import { schemaOf, valueOf } from './schema.js';
import { show } from './values.js';

style(import.meta.url, './list.css');

// panel shows each field, and a press on one changes it.
export function panel(context, given) {
  const list = el('dl', { class: 'ownfields' });
  let fields = [];
  schemaOf(given.kind).then(({ fields: all }) => { fields = all.filter(({ name }) => name === 'tags' || name.startsWith('cf.')); draw(given.record); }, () => {}).finally(loading(list, 0));

  function draw(record) {
    list.replaceChildren(...fields.map((field) => {
      const edit = context.can('member') && !record.deletedAt ? iconButton('edit', `Change ${field.label}`, () => open(edit, field), { 'aria-haspopup': 'dialog' }) : null;
      return el('div', {}, el('dt', {}, field.label), el('dd', {}, el('span', { class: 'value' }, show(field, valueOf(record, field.name), context)), edit));
    }));
  }
  function open(anchor, field) {
    const made = control(field, null, context, given.kind);
    made.set(given.record);
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    const form = el('form', { class: 'filterform', onsubmit: submit }, el('h3', {}, field.label), el('div', { class: 'field' }, made.node), fault, el('div', { class: 'ends' }, el('button', { class: 'button small primary' }, 'Save')));
    const shown = popover(anchor, form, { label: field.label });
    async function submit(event) {
      event.preventDefault();
      try {
        const { patch, shown: values } = await made.get();
        shown.close();
        const record = given.record;
        const merged = patch.custom ? { custom: { ...record.custom, ...patch.custom } } : values;
        await change(record, merged, { show: given.show, who: context.who, send: (now) => given.subject.calls.update(now.id, now.version, patch) });
      } catch (problem) {
        if (form.isConnected) { fault.textContent = problem.message; fault.hidden = false; } else toast(problem.message, { bad: true });
      }
    }
  }
  return { node: list, update: draw };
}
