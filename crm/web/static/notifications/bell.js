// The bell: what the user was told, and how much of it is new.
import { get, post } from '../api.js';
import { el, icon, style } from '../dom.js';
import { setBadge } from '../frame/rail.js';
import { avatar, when } from '../format.js';
import { failed, state } from '../layout.js';
import { kinds, pathOf } from '../kinds.js';
import { inOrder } from '../order.js';
import { overlay } from '../overlay.js';
import { toast } from '../toast.js';

style(import.meta.url, './notifications.css');

const signs = { mention: 'note', assigned: 'tasks', reminder: 'clock', import: 'upload', system: 'info' };
const elsewhere = { import: '/import/', webhook: '/settings/webhooks/' }; // what is no record and has a page
const said = { mention: 'named you', assigned: 'gave you a task', reminder: 'Reminder', import: 'Import', system: 'ApexAI' };

// refresh reads how much is unread and shows it at the bell.
export const refresh = inOrder(() => get('/notifications', { query: { limit: 1 } }), ({ unread }) => setBadge('notifications', unread));

// announceNewest says what the user was told just now.
export async function announceNewest(context) {
  const { items: [one], unread } = await get('/notifications', { query: { limit: 1 } });
  setBadge('notifications', unread);
  if (!one || one.readAt) return;
  toast([one.actorName, said[one.kind]].filter(Boolean).join(' ') + `: ${one.title}`, { action: { label: 'Open', run: () => open(context, one) } });
}

function open(context, one) {
  if (!one.readAt) post(`/notifications/${one.id}/read`).then(refresh);
  const { kind, id } = one.target ?? {};
  if (elsewhere[kind]) context.go(elsewhere[kind] + id);
  else if (kinds[kind]) context.go(pathOf(kind, id));
}

export function run(context) {
  const list = el('ul', { class: 'told' });
  const node = el('div', { class: 'bell' }, list);
  const shown = overlay('Notifications', node, { place: 'side', name: 'bellover' });
  let next = '';

  async function load(more) {
    try {
      const answer = await get('/notifications', { query: { limit: 40, cursor: more ? next : '' } });
      next = answer.nextCursor ?? '';
      setBadge('notifications', answer.unread);
      if (!more) list.replaceChildren();
      list.append(...answer.items.map(line));
      node.querySelectorAll('.toldfoot, .state').forEach((one) => one.remove());
      if (!list.children.length) node.append(state('bell', 'Nothing yet', 'Mentions, tasks that colleagues give you, and reminders appear here.'));
      else node.append(el('div', { class: 'toldfoot' }, next ? el('button', { class: 'button small', onclick: () => load(true) }, 'Show earlier') : '', el('span', { class: 'spring' }), answer.unread ? el('button', { class: 'link small', onclick: readAll }, 'Mark all as read') : ''));
    } catch (problem) {
      node.append(failed('Notifications', problem, () => { node.querySelector('.state')?.remove(); load(more); }));
    }
  }
  function line(one) {
    const who = one.actorName;
    return el('li', {}, el('button', { class: one.readAt ? 'toldline' : 'toldline unread', 'data-testid': 'notification', onclick: () => follow(one) },
      who ? avatar(who) : el('span', { class: 'toldsign' }, icon(signs[one.kind] ?? 'bell')),
      el('span', { class: 'toldtext' },
        el('span', { class: 'toldhead' }, el('b', { dir: 'auto' }, who || said[one.kind] || 'ApexAI'), who ? ` ${said[one.kind] ?? ''}` : '', el('span', { class: 'spring' }), when(one.createdAt)),
        el('span', { class: 'muted', dir: 'auto' }, one.title)),
      one.readAt ? null : el('span', { class: 'toldnew' }, el('span', { class: 'hidden' }, 'New'))));
  }
  function follow(one) {
    shown.close();
    open(context, one);
  }
  async function readAll() {
    await post('/notifications/read');
    await load();
  }
  load();
}
