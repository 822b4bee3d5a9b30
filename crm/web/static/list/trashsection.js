// Settings: the trash.
import { get, post, remove } from '../api.js';
import { announce } from '../edit.js';
import { el, icon, iconButton, style } from '../dom.js';
import { when } from '../format.js';
import { kinds } from '../kinds.js';
import { state } from '../layout.js';
import { sure } from '../overlay.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';
import { forgetSchema } from './schema.js';

style(import.meta.url, './list.css');

const paths = { person: 'people', company: 'companies', deal: 'deals', task: 'tasks', field: 'fields' };

export async function section(context) {
  const place = el('div');
  async function load() {
    const { items, more } = await get('/trash');
    place.replaceChildren(items.length ? el('ul', { class: 'trashlist' }, items.map(line)) : state('trash', 'The trash is empty'), more ? el('p', { class: 'muted small' }, 'There is more than fits here; the latest is shown.') : '');
  }
  const line = (item) => el('li', { 'data-testid': 'trash-line' }, icon(kinds[item.kind]?.icon ?? 'note'), el('strong', { dir: 'auto' }, item.name || 'No name'),
    el('span', { class: 'muted' }, 'deleted ', when(item.deletedAt), ` by ${context.who(item.deletedBy)}`), el('span', { class: 'spring' }),
    context.can(item.kind === 'field' ? 'admin' : 'member') ? el('button', { type: 'button', class: 'button small', onclick: () => restore(item) }, 'Restore') : null,
    context.can('admin') ? iconButton('trash', `Delete ${item.name} for good`, () => purge(item)) : null);
  async function restore(item) {
    try {
      const record = await post(`/${paths[item.kind]}/${item.id}/restore`);
      announce(paths[item.kind], item.id, record);
      if (item.kind === 'field') forgetSchema();
      toast(`${item.name} is back`);
    } catch (problem) { toast(problem.message, { bad: true }); }
    await load();
  }
  async function purge(item) {
    if (!(await sure(`Delete “${item.name}” for good?`, { text: 'This cannot be undone.', yes: 'Delete for good', danger: true }))) return;
    await remove(`/trash/${item.kind}/${item.id}`).catch((problem) => toast(problem.message, { bad: true }));
    await load();
  }
  await load();
  return { node: sheet('Trash', 'What is deleted lies here for 30 days and can be restored.', place) };
}
