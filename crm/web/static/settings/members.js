// Who works here, in which role, and who is invited.
import { get, patch, post, remove } from '../api.js';
import { el, icon } from '../dom.js';
import { avatar, when } from '../format.js';
import { inOrder } from '../order.js';
import { sure } from '../overlay.js';
import { toast } from '../toast.js';
import { choice, copyable, drop, field, form, row, rows } from './parts.js';
import { sheet } from './sheet.js';

const roles = { viewer: 'Viewer: reads', member: 'Member: works with records', admin: 'Admin: settings and members', owner: 'Owner: everything' };
const brief = (role) => roles[role].split(':')[0];

export async function section(context) {
  const admin = context.can('admin');
  const place = el('div', {});
  const fresh = el('div', { 'aria-live': 'polite' });
  const grantable = Object.keys(roles).filter((role) => role !== 'owner' || context.can('owner'));

  const draw = inOrder(() => Promise.all([get('/members'), admin ? get('/invites') : { items: [] }]), ([{ items: members }, { items: invites }]) => {
    place.replaceChildren(rows('Members', members.map(member)), ...(admin ? [el('h3', {}, 'Invite somebody'), invite, fresh,
      ...(invites.length ? [el('h3', {}, 'Invited'), rows('Invites', invites.map(invited))] : [])] : []));
  });
  function member(m) {
    const free = admin && (context.can('owner') || m.role !== 'owner');
    const select = el('select', { 'aria-label': `Role of ${m.name}`, onchange: () => change(m, select) },
      Object.keys(roles).filter((role) => grantable.includes(role) || role === m.role).map((role) => el('option', { value: role, selected: role === m.role, title: roles[role] }, brief(role))));
    return row(avatar(m.name), m.id === context.me.user.id ? `${m.name} (you)` : m.name, m.email,
      free ? select : el('span', { class: 'muted small' }, brief(m.role)),
      free && m.id !== context.me.user.id ? drop(`Remove ${m.name}`, () => dismiss(m)) : null);
  }
  async function change(m, select) {
    try {
      await patch(`/members/${m.id}`, { role: select.value });
      toast(`${m.name} is ${brief(select.value).toLowerCase()} now`);
      if (m.id === context.me.user.id) { await context.reload(); return; }
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
    await draw();
  }
  async function dismiss(m) {
    if (!await sure(`Remove ${m.name}?`, { text: 'They are signed out of this workspace at once. What they own stays theirs by name.', yes: 'Remove', danger: true })) return;
    await remove(`/members/${m.id}`);
    toast(`${m.name} is removed`);
    await draw();
  }
  const invited = (i) => row(icon('mail'), i.email || 'Whoever has the link', el('span', {}, `${brief(i.role)}, good until `, new Date(i.expiresAt).toLocaleDateString(), ', made ', when(i.createdAt)),
    drop('Withdraw this invite', async () => { await remove(`/invites/${i.id}`); toast('The link is worth nothing now'); await draw(); }));
  const invite = form('Make a link', async (values, node) => {
    const { url, email } = await post('/invites', values);
    const link = new URL(url, location.origin).href;
    node.reset();
    await draw();
    fresh.replaceChildren(el('div', { class: 'fresh' }, el('strong', {}, email ? `A link for ${email}` : 'A link for whoever has it'),
      el('p', { class: 'muted small' }, 'It is shown this once, and is good for seven days and one person.'), copyable('Link of the invite', link)));
  }, field('E-mail', 'email', { type: 'email', maxlength: 254 }, 'empty: whoever has the link'), choice('Role', 'role', grantable.map((role) => [role, roles[role]]), 'member'));

  await draw();
  return { node: sheet('Members', admin ? 'Who works here, and what they may do.' : 'Who works here.', place) };
}
