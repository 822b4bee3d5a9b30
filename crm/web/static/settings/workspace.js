// The workspace: its name, and leaving it.
import { get, patch, remove } from '../api.js';
import { el } from '../dom.js';
import { sure } from '../overlay.js';
import { toast } from '../toast.js';
import { field, form } from './parts.js';
import { sheet } from './sheet.js';

export async function section(context) {
  let workspace = await get('/workspace');
  const rename = form('Save', async ({ name }) => {
    workspace = await patch('/workspace', { name }, { version: workspace.version });
    toast('Saved');
    await context.reload();
  }, field('Name', 'name', { value: workspace.name, maxlength: 120, required: true }));
  async function leave() {
    if (!await sure(`Leave ${workspace.name}?`, { text: 'What you own stays. To come back, somebody has to invite you.', yes: 'Leave', danger: true })) return;
    await remove('/members/me');
    location.assign('/');
  }
  return {
    node: sheet('Workspace', 'What everybody here shares.', context.can('admin') ? rename : el('p', {}, workspace.name),
      el('h3', {}, 'Leave'), el('p', { class: 'muted' }, 'The last owner stays: make somebody else an owner first.'),
      el('div', { class: 'ends' }, el('button', { class: 'button', onclick: leave }, 'Leave this workspace'))),
  };
}
