// Home: what colleagues did lately.
import { get } from '../api.js';
import { el } from '../dom.js';
import { avatar, when } from '../format.js';
import { kinds, pathOf } from '../kinds.js';

const verbs = { created: 'added', updated: 'changed', deleted: 'deleted', restored: 'restored', moved: 'moved', won: 'won', lost: 'lost', merged: 'merged', logged: 'wrote about' };

export async function card() {
  const { items } = await get('/home/changes');
  if (!items.length) return null;
  const line = (one) => el('li', { class: 'homeline' }, avatar(one.actorName),
    el('span', { class: 'homesaid' }, el('span', { dir: 'auto' }, one.actorName), ` ${verbs[one.verb] ?? one.verb} `,
      one.verb === 'deleted' || !kinds[one.kind] ? el('b', { dir: 'auto' }, one.title || 'a record') : el('a', { href: pathOf(one.kind, one.id), 'data-nav': true, dir: 'auto' }, one.title),
      one.times > 1 ? el('span', { class: 'muted' }, ` ${one.times} times`) : ''),
    when(one.at));
  return { node: el('div', { class: 'homepart' }, el('h3', {}, 'Your colleagues'), el('ul', {}, items.map(line))) };
}
