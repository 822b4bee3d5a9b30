// The secret link by which the user's calendar shows their tasks.
import { get, post, remove } from '../api.js';
import { el } from '../dom.js';
import { when } from '../format.js';
import { sure } from '../overlay.js';
import { toast } from '../toast.js';
import { sheet } from './sheet.js';

export async function section() {
  const place = el('div', { class: 'feed' });
  async function draw(feed) {
    if (!feed.createdAt) {
      place.replaceChildren(el('button', { class: 'button primary', 'data-testid': 'make-feed', onclick: make }, 'Make a link'));
      return;
    }
    const link = feed.path ? location.origin + feed.path : '';
    place.replaceChildren(
      link ? el('label', { class: 'field' }, el('span', {}, 'Your link. It is shown this once; whoever has it sees your tasks.'), Object.assign(el('input', { readonly: true, 'data-testid': 'feed', onfocus: (event) => event.target.select() }), { value: link }))
        : el('p', {}, 'You have a link, made ', when(feed.createdAt), '. It is not shown again; a new one takes its place.'),
      el('div', { class: 'feedends' },
        link ? el('button', { class: 'button', onclick: async () => { await navigator.clipboard.writeText(link); toast('Link copied'); } }, 'Copy') : null,
        el('button', { class: 'button', onclick: make }, 'Make a new link'), el('button', { class: 'button', onclick: revoke }, 'Revoke')));
  }
  async function make() { draw(await post('/calendar')); }
  async function revoke() {
    if (!(await sure('Revoke the link?', { text: 'Calendars that use it no longer show your tasks.', yes: 'Revoke', danger: true }))) return;
    await remove('/calendar');
    draw({});
    toast('The link is revoked');
  }
  await draw(await get('/calendar'));
  return { node: sheet('Calendar', 'Subscribe to your tasks in any calendar: open tasks with a date appear there, and follow what you change here.', place) };
}
