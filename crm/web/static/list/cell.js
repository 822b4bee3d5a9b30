// Cells that are edited in their place: Enter, F2, e or a second click opens
// one, Enter keeps, Tab keeps and goes on, Escape leaves it as it was.
import { el } from '../dom.js';
import { change } from '../edit.js';
import { toast } from '../toast.js';
import { control } from './controls.js';

// cells edits the cells of a list's rows. show(record) draws a record,
// recordOf(id) finds one, cellOf(id, name) its cell.
export function cells(subject, context, { columns, show, recordOf, cellOf }) {
  let open = null; // {id, name, td, end, over}

  const can = (column) => column && context.can('member') && (column.edit || subject.fields.some(({ name }) => name === column.edit));
  const own = (column) => subject.fields.find(({ name }) => name === column.edit);

  function edit(id, name) {
    const column = columns().find((c) => c.name === name);
    const td = cellOf(id, name);
    const record = recordOf(id);
    if (!can(column) || !td || !record || record.deletedAt) return false;
    open?.end(true);
    const made = control(column.field, own(column), context, subject.kind);
    const before = [...td.childNodes];
    const box = el('div', { class: 'celledit', 'data-testid': 'cell-editor' }, made.node);
    made.set(record);
    const was = JSON.stringify(snapshot());
    let over = false;
    const gone = Promise.withResolvers();
    td.classList.add('editing');
    td.replaceChildren(box);

    function snapshot() { return [...box.querySelectorAll('input, select, textarea')].map((node) => (node.type === 'checkbox' ? node.checked : node.value)); }
    function end(save, then) {
      if (over) return;
      over = true;
      open = null;
      gone.resolve();
      document.removeEventListener('pointerdown', outside, true);
      const changed = JSON.stringify(snapshot()) !== was;
      const held = td.contains(document.activeElement);
      td.classList.remove('editing');
      td.replaceChildren(...before);
      if (then) then();
      else if (held) td.focus({ preventScroll: true });
      if (save && changed) keep(record, made);
      else if (!then && recordOf(id) !== record) show(recordOf(id)); // it changed meanwhile
    }
    function outside(event) { if (!td.contains(event.target) && !event.target.closest('.menu')) end(true); }
    function keys(event) {
      event.stopPropagation();
      const list = box.querySelector('[aria-expanded=true]');
      if (event.key === 'Escape') end(false);
      else if (event.key === 'Enter' && !event.shiftKey && event.target.tagName !== 'TEXTAREA' && !(list && event.target.getAttribute('aria-activedescendant'))) end(true);
      else if (event.key === 'Tab' && (event.shiftKey || last(event.target))) end(true, () => next(id, name, event.shiftKey ? -1 : 1));
      else return;
      event.preventDefault();
    }
    const last = (node) => { const all = [...box.querySelectorAll('input, select, textarea, button')]; return node.type === 'checkbox' || all.at(-1) === node || all.length === 0; };
    box.addEventListener('keydown', keys);
    document.addEventListener('pointerdown', outside, true);
    open = { id, name, td, end, over: gone.promise };
    const first = box.querySelector('input, select, textarea');
    first?.focus();
    first?.select?.();
    return true;
  }
  function next(id, name, by) {
    const able = columns().filter(can);
    const at = able.findIndex((column) => column.name === name) + by;
    if (able[at]) edit(id, able[at].name);
    else cellOf(id, name)?.focus({ preventScroll: true });
  }
  // ended resolves once no cell is being edited.
  async function ended() {
    while (open) await open.over;
  }
  async function keep(record, made) {
    try {
      const { patch, shown } = await made.get();
      const merged = patch.custom ? { ...shown, custom: { ...record.custom, ...patch.custom } } : shown;
      await change(record, merged, {
        show, who: context.who,
        send: (now) => subject.calls.update(now.id, now.version, patch),
      });
    } catch (problem) {
      toast(`${subject.name(record)} was not changed: ${problem.message}`, { bad: true });
    }
  }
  return { edit, can, ended, editing: () => open, first: () => columns().find(can)?.name };
}
