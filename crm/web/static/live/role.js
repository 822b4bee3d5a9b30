// What the user may do, and who else is here, while it changes.
import { get, me } from '../api.js';
import { on, rejoin } from '../live.js';
import { unsaved } from '../router.js';
import { toast } from '../toast.js';

// typing says whether something would be lost if the page were drawn anew.
function typing() {
  const held = document.activeElement;
  return unsaved() || Boolean(document.querySelector('dialog[open]')) || (held?.matches('input, textarea') && held.value !== held.defaultValue);
}

export function start(context) {
  async function role() {
    const now = await me().catch(() => null); // a session that has ended shows the way in
    if (!now || now.role === context.me.role) return;
    context.me.role = now.role; // what is asked from here on
    const said = `You are ${/^[ao]/.test(now.role) ? 'an' : 'a'} ${now.role} now`;
    if (typing()) toast(`${said}. What you type is still here.`, { sticky: true, action: { label: 'Show what that changes', run: context.reload } });
    else { await context.reload(); toast(said); }
  }
  async function others({ kind }) {
    if (kind !== 'member') return;
    const answer = await get('/members').catch(() => null);
    if (answer) context.members.splice(0, context.members.length, ...answer.items);
  }
  // session: this one was ended. Another tab of the browser may have begun a
  // new one, as somebody else or elsewhere; without one the way in is shown.
  async function session() {
    const now = await me().catch(() => null);
    if (!now) return;
    if (now.user.id === context.me.user.id && now.workspace.id === context.me.workspace.id) rejoin();
    else location.reload();
  }
  const offs = [on('session.changed', role), on('session.revoked', session), on('record.changed', others), on('record.deleted', others)];
  return () => { for (const off of offs) off(); };
}
