// The menu of workspaces, at the head of the rail.
import { get, post } from '../api.js';
import { el } from '../dom.js';
import { menu } from '../menu.js';
import { overlay } from '../overlay.js';
import { field, form } from '../settings/parts.js';

// begin shows the other workspace from its first page: nothing of this one stays.
const begin = () => location.assign('/');

// workspaceMenu lists where the user belongs.
export async function workspaceMenu(context, anchor) {
  const { items } = await get('/auth/workspaces');
  const here = context.me.workspace.id;
  menu(anchor, [
    ...items.map((one) => ({ label: one.name, checked: one.id === here, hint: one.role, run: one.id === here ? null : () => post('/auth/workspace', { id: one.id }).then(begin) })),
    null,
    { label: 'Make a workspace…', icon: 'plus', run: make },
    { label: 'Members', icon: 'people', href: '/settings/members' },
    { label: 'Workspace', icon: 'settings', href: '/settings/workspace' },
  ], { label: 'Workspaces' });
}

function make() {
  overlay('A new workspace', el('div', {}, form('Make it', async ({ name }) => {
    await post('/workspaces', { name });
    begin();
  }, field('Name', 'name', { maxlength: 120, required: true, autofocus: true }))), { size: 'small' });
}
