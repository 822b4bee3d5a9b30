// API keys: what programs show instead of a session.
import { get, post, remove } from '../api.js';
import { el, icon } from '../dom.js';
import { when } from '../format.js';
import { sure } from '../overlay.js';
import { toast } from '../toast.js';
import { choice, copyable, drop, field, form, row, rows } from './parts.js';
import { sheet } from './sheet.js';

const day = 86400000;
const simple = { '*:read': 'Read everything', '*:write': 'Read and write everything' };

export async function section(context) {
  const place = el('div', {});
  const fresh = el('div', { 'aria-live': 'polite' });
  const { resources } = await get('/keys');
  const each = el('div', { class: 'scopes', role: 'group', 'aria-label': 'Scopes', hidden: true }, resources.map((resource) => el('label', {}, resource,
    el('select', { name: `of:${resource}` }, [['', 'none'], ['read', 'read'], ['write', 'write']].map(([value, text]) => el('option', { value }, text))))));
  const access = choice('Access', 'access', [...Object.entries(simple), ['', 'Choose for each kind…']], '*:read');
  access.addEventListener('change', (event) => { each.hidden = event.target.value !== ''; });
  const make = form('Make a key', async ({ name, access: all, lasts, ...of }, node) => {
    const chosen = Object.entries(of).filter(([, value]) => value).map(([key, value]) => `${key.slice(3)}:${value}`);
    const key = await post('/keys', { name, scopes: all ? [all] : chosen, expiresAt: lasts ? new Date(Date.now() + lasts * day).toISOString() : null });
    node.reset();
    each.hidden = true;
    await draw();
    fresh.replaceChildren(el('div', { class: 'fresh' }, el('strong', {}, `The key “${key.name}”`),
      el('p', { class: 'muted small' }, 'Copy it now: it is shown this once. It goes into the header Authorization: Bearer …'), copyable('The key', key.secret)));
  },
  field('Name', 'name', { maxlength: 80, required: true, placeholder: 'What is it for?' }), access, each,
  choice('Good for', 'lasts', [['30', '30 days'], ['90', '90 days'], ['365', 'A year'], ['', 'Until it is removed']], '90'));

  async function draw() {
    const { items } = await get('/keys');
    place.replaceChildren(rows('API keys', items.map((key) => row(icon('keys'), key.name, el('span', {},
      el('code', {}, `${key.prefix}_…`), ` · ${key.scopes.map((scope) => simple[scope] ?? scope).join(', ')} · by ${context.who(key.createdBy)} · `,
      key.usedAt ? el('span', {}, 'used ', when(key.usedAt)) : 'not used yet', key.expiresAt ? ` · until ${new Date(key.expiresAt).toLocaleDateString()}` : ''),
    drop(`Remove the key ${key.name}`, () => cut(key)))), 'There are none yet. Programs need one to call the API.'));
  }
  async function cut(key) {
    if (!await sure(`Remove “${key.name}”?`, { text: 'Programs that use it are refused at once.', yes: 'Remove', danger: true })) return;
    await remove(`/keys/${key.id}`);
    toast('The key is removed');
    await draw();
  }
  await draw();
  return { node: sheet('API keys', 'A key acts for you, in your role, within its scopes.', place, fresh, el('h3', {}, 'Make a key'), make) };
}
