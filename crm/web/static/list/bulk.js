// What is done with the records that are selected.
import { get, post } from '../api.js';
import { el, icon } from '../dom.js';
import { massively } from '../live/own.js';
import { menu } from '../menu.js';
import { overlay, sure } from '../overlay.js';
import { toast } from '../toast.js';
import { control, tagsOf } from './controls.js';
import { popover } from './popover.js';

const wait = (ms) => new Promise((wake) => { setTimeout(wake, ms); });

// settled begins a run, and waits for it if it works in the background.
async function settled(path, order) {
  let run = await post(path, order);
  while (run.status === 'running' || run.status === 'undoing') {
    await wait(400);
    run = await get(`/bulk/${run.id}`);
  }
  return run;
}

// bulkBar is the bar at the foot of a list. chosen() gives {ids} or {filter,
// q, count} of what is selected; done() is told when records have changed.
export function bulkBar(subject, context, { chosen, done, clear, everything, columns }) {
  const said = el('span', { class: 'said', role: 'status' });
  const all = el('button', { type: 'button', class: 'link', onclick: everything });
  const button = (name, label, run, more = {}) => { const node = el('button', { type: 'button', class: 'button small', onclick: () => run(node), ...more }, icon(name), el('span', { class: 'label' }, label)); return node; };
  const actions = {
    owner: button('person', 'Owner', owner, { 'data-testid': 'bulk-owner', 'aria-haspopup': 'menu' }),
    tag: button('tag', 'Tag', tag, { 'data-testid': 'bulk-tag', 'aria-haspopup': 'menu' }),
    field: button('edit', 'Field', field, { 'data-testid': 'bulk-field', 'aria-haspopup': 'menu' }),
    task: button('tasks', 'Task', task, { 'data-testid': 'bulk-task' }),
    delete: button('trash', 'Delete', remove, { 'data-testid': 'bulk-delete' }),
  };
  const node = el('div', { class: 'bulkbar', role: 'toolbar', 'aria-label': 'Selected', hidden: true, 'data-testid': 'bulk-bar' }, said, all, el('span', { class: 'spring' }), Object.values(actions),
    el('button', { type: 'button', class: 'quiet', 'aria-label': 'Select none', title: 'Select none (Esc)', onclick: clear }, icon('close')));

  function tell(count, more) {
    node.hidden = count === 0;
    said.textContent = `${count.toLocaleString()} selected`;
    all.hidden = !more;
    all.textContent = more ? `Select all ${more}` : '';
  }
  async function run(order, what) {
    const which = chosen();
    const count = which.ids?.length ?? which.count;
    try {
      if (count > 200) toast(`${what}: ${count.toLocaleString()} ${subject.many}, in the background`);
      const { count: _, ...target } = which;
      const result = await massively(settled(`/${subject.kind}/bulk`, { ...target, ...order }));
      done();
      const text = `${what}: ${result.done.toLocaleString()} ${result.done === 1 ? subject.one : subject.many}`;
      toast(result.failed ? `${text}; ${result.failed.toLocaleString()} not: ${result.faults[0]?.message}` : text, { bad: result.failed > 0, undo: result.done ? () => undo(result) : undefined });
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  async function undo(run_) {
    const result = await massively(settled(`/bulk/${run_.id}/undo`));
    done();
    toast(result.kept ? `Undone, but for ${result.kept} that were changed since` : 'Undone', { bad: result.kept > 0 });
  }
  function owner(anchor) {
    menu(anchor, [{ label: 'Nobody', run: () => run({ set: { ownerId: null } }, 'Owner changed') }, null,
      ...context.members.map(({ id, name }) => ({ label: name, run: () => run({ set: { ownerId: id } }, 'Owner changed') }))], { label: 'Owner' });
  }
  async function tag(anchor) {
    const tags = await tagsOf(subject.kind).catch(() => []);
    menu(anchor, [{ label: 'New tag…', icon: 'plus', run: fresh }, ...(tags.length ? [{ heading: 'Add' }] : []), ...tags.map((one) => ({ label: one.name, run: () => run({ addTags: [{ id: one.id }] }, 'Tagged') })),
      ...(tags.length ? [{ heading: 'Take away' }] : []), ...tags.map((one) => ({ label: one.name, icon: 'close', run: () => run({ removeTags: [{ id: one.id }] }, 'Tag taken away') }))], { label: 'Tag' });
    function fresh() {
      const name = el('input', { 'aria-label': 'Name of the tag', maxlength: 40, required: true, name: 'tagname' });
      const shown = popover(anchor, el('form', { class: 'filterform', onsubmit: (event) => { event.preventDefault(); shown.close(); run({ addTags: [name.value] }, 'Tagged'); } },
        el('h3', {}, 'New tag'), name, el('div', { class: 'ends' }, el('button', { class: 'button small primary' }, 'Add'))), { label: 'New tag' });
    }
  }
  function field(anchor) {
    const able = columns().filter((column) => column.edit && !['name', 'email', 'phone', 'emails', 'phones', 'domain', 'tags'].includes(column.name));
    menu(anchor, able.map((column) => ({ label: column.label, run: () => value(anchor, column) })), { label: 'Field' });
  }
  function value(anchor, column) {
    const made = control(column.field, subject.fields.find(({ name }) => name === column.edit), context, subject.kind);
    made.set({});
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    const shown = popover(anchor, el('form', { class: 'filterform', onsubmit: submit }, el('h3', {}, column.label), el('div', { class: 'field' }, made.node), fault,
      el('div', { class: 'ends' }, el('button', { class: 'button small primary' }, 'Change'))), { label: column.label });
    async function submit(event) {
      event.preventDefault();
      try {
        const { patch } = await made.get();
        shown.close();
        await run({ set: patch }, `${column.label} changed`);
      } catch (problem) { fault.textContent = problem.message; fault.hidden = false; }
    }
  }
  function task() {
    const title = el('input', { 'aria-label': 'What is to be done', name: 'tasktitle', required: true, maxlength: 300, placeholder: 'Call them' });
    const due = el('input', { type: 'date', 'aria-label': 'Due', name: 'taskdue' });
    const shown = overlay('A task for each', el('form', { class: 'sheetform', onsubmit: submit },
      el('label', { class: 'field' }, el('span', {}, 'What is to be done'), title), el('label', { class: 'field' }, el('span', {}, 'Due'), due),
      el('div', { class: 'ends' }, el('button', { class: 'button primary' }, 'Add tasks'))), { size: 'small' });
    function submit(event) {
      event.preventDefault();
      shown.close();
      run({ task: { title: title.value, dueDate: due.value || null, assigneeId: context.me.user.id } }, 'Task added');
    }
  }
  async function remove() {
    const which = chosen();
    const count = which.ids?.length ?? which.count;
    if (count > 1 && !(await sure(`Delete ${count.toLocaleString()} ${subject.many}?`, { text: 'They go into the trash, and can be restored for 30 days.', yes: 'Delete', danger: true }))) return;
    await run({ delete: true }, 'Deleted');
    clear();
  }
  return { node, tell, actions };
}
