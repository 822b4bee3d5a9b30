// Where somebody is signed in.
import { get, remove } from '../api.js';
import { el, icon } from '../dom.js';
import { when } from '../format.js';
import { toast } from '../toast.js';
import { row, rows } from './parts.js';
import { sheet } from './sheet.js';

const browsers = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']];
const systems = [[/iPhone|iPad/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux']];
const first = (list, text) => list.find(([pattern]) => pattern.test(text))?.[1];

// said puts a browser's own words into short ones.
const said = (agent) => [first(browsers, agent) ?? 'A browser', first(systems, agent)].filter(Boolean).join(' on ');

export async function section() {
  const place = el('div', {});
  async function draw() {
    const { items } = await get('/auth/sessions');
    place.replaceChildren(rows('Sessions', items.map((one) => row(icon('keys'), said(one.agent), el('span', {}, one.network ? `${one.network}, ` : '', 'used ', when(one.seenAt), ', begun ', when(one.createdAt)),
      one.current ? el('span', { class: 'tagged' }, 'This one') : el('button', { class: 'button small', onclick: () => end(one) }, 'End')))),
    items.length > 1 ? el('div', { class: 'ends' }, el('button', { class: 'button', 'data-testid': 'end-others', onclick: others }, 'Sign out everywhere else')) : '');
  }
  async function end(one) {
    await remove(`/auth/sessions/${one.id}`);
    toast('That session is ended');
    await draw();
  }
  async function others() {
    await remove('/auth/sessions');
    toast('You are signed in here only');
    await draw();
  }
  await draw();
  return { node: sheet('Sessions', 'Where you are signed in. One that you do not know? End it, and change your password.', place) };
}
