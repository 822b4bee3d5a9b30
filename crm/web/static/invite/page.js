// An invite that somebody opens who is signed in already.
import { get, post } from '../api.js';
import { el, style } from '../dom.js';
import { failed, page, state } from '../layout.js';

style(import.meta.url, './invite.css');

export async function open(context, { token }) {
  context.title?.('Invite');
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  let invitation;
  try {
    invitation = await get(`/invitations/${token}`);
  } catch (problem) {
    const node = problem.status === 404
      ? state('people', 'This invite is no longer good', 'It was used or withdrawn, or it has expired. Ask for another.')
      : failed('The invite', problem, () => context.reload());
    return { node: page('Invite', {}, node) };
  }
  async function join() {
    fault.hidden = true;
    try {
      await post(`/invitations/${token}/accept`);
      history.replaceState(null, '', '/');
      await context.reload();
    } catch (problem) {
      fault.textContent = problem.message;
      fault.hidden = false;
    }
  }
  const node = page('Invite', {}, el('div', { class: 'invitation' },
    el('h2', { dir: 'auto' }, `Join ${invitation.workspace}?`),
    el('p', { class: 'muted' }, `${invitation.inviter} invites you to work together as ${invitation.role}. You are signed in as ${context.me.email}.`),
    fault,
    el('div', { class: 'choices' },
      el('button', { class: 'button primary', 'data-testid': 'join', onclick: join }, 'Join'),
      el('button', { class: 'button', onclick: () => context.go('/') }, 'Not now'))));
  return { node };
}
