// The user's favourite views: in the rail, and in the palette.
import { get } from '../api.js';
import { command } from '../commands.js';
import { onRecord } from '../edit.js';
import { kinds } from '../kinds.js';
import { on } from '../live.js';
import { go } from '../router.js';
import { setFavourites } from './rail.js';

const gather = 200; // ms in which changes are taken together
const order = Object.keys(kinds);

export function start() {
  let commands = [];
  let timer;
  async function look() {
    timer = undefined;
    const { items } = await get('/views').catch(() => ({ items: null }));
    if (!items) return; // what is shown stays; the next change asks again
    const list = items.filter((view) => view.favourite).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.name.localeCompare(b.name))
      .map((view) => ({ id: view.id, href: `${kinds[view.kind].page}?view=${view.id}`, title: view.name, icon: kinds[view.kind].page.slice(1) }));
    setFavourites(list);
    for (const off of commands) off();
    commands = list.map(({ id, href, title, icon }) => command({ id: `view.${id}`, title: `Go to ${title}`, group: 'Favourites', icon, run: () => { go(href); } }));
  }
  const soon = () => { timer ??= setTimeout(look, gather); };
  const hear = ({ kind }) => { if (kind === 'view') soon(); };
  const offs = [onRecord((kind) => { if (kind === 'views') look(); }), on('record.changed', hear), on('record.deleted', hear)];
  look();
  return () => {
    clearTimeout(timer);
    for (const off of [...offs, ...commands]) off();
    setFavourites([]);
  };
}
