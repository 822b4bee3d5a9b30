// Saved views as tabs over a list.
import { get, patch, post, remove } from '../api.js';
import { announce } from '../edit.js';
import { el, icon } from '../dom.js';
import { kindOf } from '../kinds.js';
import { menu } from '../menu.js';
import { overlay, sure } from '../overlay.js';
import { toast } from '../toast.js';

// viewsOf are the views of people, companies or deals.
export const viewsOf = async (path) => (await get('/views', { query: { kind: kindOf[path] } })).items;

// viewTabs shows the views; pick(view) is told which is wanted, null for the
// list as it is, and read() says how the list is shown now.
export function viewTabs(subject, context, views, { pick, read }) {
  let current = null;
  const tabs = el('div', { class: 'viewtabs', role: 'group', 'aria-label': 'Views' });
  const save = el('button', { type: 'button', class: 'button small', 'data-testid': 'save-view', hidden: true, onclick: keep }, 'Save view');
  const mine = (view) => view.ownerId === context.me.user.id || context.can('admin');

  function draw() {
    tabs.replaceChildren(tab(null, `All ${subject.many}`), ...views.map((view) => tab(view, view.name)));
  }
  function tab(view, name) {
    const on = current?.id === view?.id;
    const node = el('button', { type: 'button', class: 'viewtab', 'aria-pressed': String(on), 'aria-haspopup': on && view ? 'menu' : null, 'data-testid': 'view-tab', onclick: () => (on && view ? more(node, view) : choose(view)) },
      view?.favourite ? icon('star') : null, el('span', { dir: 'auto' }, name), view && !view.shared ? el('span', { class: 'hidden' }, ', private') : null, on && view ? icon('chevron-down') : null);
    return node;
  }
  function choose(view) {
    current = view;
    save.hidden = true;
    draw();
    pick(view);
  }
  // touched offers to keep what differs from the view that is shown.
  function touched() {
    const { filter, sort, columns, groupBy } = read();
    const base = current ?? { filter: {}, sort: '', columns: [], groupBy: '' };
    save.hidden = JSON.stringify([filter, sort, groupBy, columns]) === JSON.stringify([base.filter, base.sort, base.groupBy, base.columns]);
  }
  function keep() {
    if (!current) { named(); return; }
    menu(save, [
      ...(mine(current) ? [{ label: `Save to “${current.name}”`, icon: 'check', run: () => update(current, read()) }] : []),
      { label: 'Save as a new view…', icon: 'plus', run: () => named() },
      { label: 'Back to how it was saved', icon: 'undo', run: () => choose(current) },
    ], { label: 'Save view', side: 'end' });
  }
  function named(view) {
    const name = el('input', { 'aria-label': 'Name', name: 'viewname', maxlength: 60, value: view?.name, required: true, autocomplete: 'off' });
    const shared = el('input', { type: 'checkbox', name: 'shared' });
    const shown = overlay(view ? 'Rename the view' : 'Save as a view', el('form', { class: 'sheetform', onsubmit: submit },
      el('label', { class: 'field' }, el('span', {}, 'Name'), name), view ? null : el('label', { class: 'ticked' }, shared, 'Everybody sees it'),
      el('div', { class: 'ends' }, el('button', { class: 'button primary', 'data-testid': 'view-save' }, 'Save'))), { size: 'small' });
    async function submit(event) {
      event.preventDefault();
      shown.close();
      if (view) { await update(view, { name: name.value }); return; }
      const made = await post('/views', { kind: kindOf[subject.kind], name: name.value, shared: shared.checked, layout: 'table', ...read() }).catch(say);
      if (!made) return;
      views.push(made);
      choose(made);
      toast('View saved');
    }
  }
  async function update(view, values) {
    const next = await patch(`/views/${view.id}`, values, { version: view.version }).catch(say);
    if (next) replace(next);
  }
  async function mark(view, values) {
    const next = await post(`/views/${view.id}/mark`, values).catch(say);
    if (!next) return;
    if (next.default) for (const one of views) one.default = false;
    replace(next);
  }
  function replace(next) {
    views[views.findIndex(({ id }) => id === next.id)] = next;
    if (current?.id === next.id) current = next;
    draw();
    touched();
    announce('views', next.id, next);
  }
  function say(problem) { toast(problem.message, { bad: true }); }
  function more(anchor, view) {
    menu(anchor, [
      { label: view.favourite ? 'Remove from favourites' : 'Add to favourites', icon: 'star', run: () => mark(view, { favourite: !view.favourite }) },
      { label: view.default ? 'Begin with the whole list' : 'Begin with this view', icon: 'pin', run: () => mark(view, { default: !view.default }) },
      ...(mine(view) ? [null,
        { label: 'Rename…', icon: 'edit', run: () => named(view) },
        { label: view.shared ? 'Only for me' : 'Share with everybody', icon: view.shared ? 'lock' : 'globe', run: () => update(view, { shared: !view.shared }) },
        { label: 'Delete the view', icon: 'trash', danger: true, run: () => drop(view) }] : []),
    ], { label: `View ${view.name}` });
  }
  async function drop(view) {
    if (!(await sure(`Delete the view “${view.name}”?`, { text: 'The records stay.', yes: 'Delete', danger: true }))) return;
    await remove(`/views/${view.id}`, { version: view.version }).then(() => {
      views.splice(views.findIndex(({ id }) => id === view.id), 1);
      choose(null);
      announce('views', view.id, null);
    }, say);
  }
  return { node: tabs, save, touched, choose, show(view) { current = view; save.hidden = true; draw(); } };
}
