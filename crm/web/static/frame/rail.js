// The rail: where one can go, and who one is.
import { actions } from '../actions.js';
import { caps, run } from '../commands.js';
import { el, icon, iconButton } from '../dom.js';
import { avatar } from '../format.js';
import { menu } from '../menu.js';
import { pages } from '../pages.js';
import { isDark, toggleTheme } from '../theme.js';

const links = new Map(); // path of a page, or id of an action → its link or button
const pocket = ['/', '/tasks', '/people', '/deals']; // what a phone's bar has room for

// setBadge shows a number beside a page's link: how many tasks are due, for example.
export function setBadge(path, number) {
  const badge = links.get(path)?.querySelector('.badge');
  if (!badge) return;
  badge.textContent = number ? (number > 99 ? '99+' : String(number)) : '';
  badge.hidden = !number;
}

function link(page) {
  const path = page.path.replace(/\/\*$/, '');
  const node = el('a', { href: path, 'data-nav': true, title: page.title, class: pocket.includes(path) ? null : 'wide', onpointerenter: () => page.load().catch(() => {}) }, icon(page.icon), el('span', { class: 'label' }, page.title), el('span', { class: 'badge', hidden: true }));
  links.set(path, node);
  return node;
}

function button(id, sign, title, keys) {
  const node = el('button', { class: 'find', title: keys ? `${title} (${caps(keys).join(' ')})` : title, 'data-testid': id, onclick: () => run(id) },
    icon(sign), el('span', { class: 'label' }, title), el('span', { class: 'badge', hidden: true }), keys ? el('span', { class: 'caps', 'aria-hidden': 'true' }, caps(keys).map((cap) => el('kbd', {}, cap))) : null);
  links.set(id, node);
  return node;
}

const favourites = el('div', { class: 'favourites', role: 'group', 'aria-label': 'Favourites', hidden: true });

let pinned = []; // what is shown there

// setFavourites shows pinned views: [{href, title, icon}].
export function setFavourites(list) {
  pinned = list;
  favourites.hidden = !list.length;
  favourites.replaceChildren(el('h2', {}, 'Favourites'), el('div', { class: 'links' }, list.map((one) => el('a', { href: one.href, 'data-nav': true, 'data-testid': 'favourite', title: one.title }, icon(one.icon), el('span', { class: 'label', dir: 'auto' }, one.title)))));
  markLinks();
}

let root = ''; // the page that is shown, as far as the rail knows it

// markLinks says where the user is: in a favourite, or else in a page.
function markLinks() {
  const all = [...favourites.querySelectorAll('a')];
  const here = all.find((one) => one.getAttribute('href') === location.pathname + location.search);
  for (const one of [...all, ...links.values()]) one.removeAttribute('aria-current');
  (here ?? links.get(root))?.setAttribute('aria-current', 'page');
}

// rail makes the rail. mark(page) says which page is shown.
export function rail(context, { create }) {
  const listed = pages.filter((page) => page.order).sort((a, b) => a.order - b.order);
  const settings = pages.filter((page) => page.path === '/settings/*');
  const slots = (place) => actions.filter((action) => action.rail === place).map((action) => button(action.id, action.icon, action.short ?? action.title, action.keys));
  const newButton = el('button', { class: 'new', 'aria-haspopup': 'menu', 'aria-keyshortcuts': 'c', title: 'Create (c)', 'data-testid': 'create', hidden: !context.can('member'), onclick: create }, icon('plus'), el('span', { class: 'label' }, 'New'), el('span', { class: 'caps', 'aria-hidden': 'true' }, el('kbd', {}, 'C')));
  const user = el('button', { class: 'user', 'aria-haspopup': 'menu', onclick: () => userMenu(context, user) }, avatar(context.me.user.name), el('span', { class: 'label', dir: 'auto' }, context.me.user.name));
  const more = el('button', { class: 'pocket', 'aria-haspopup': 'menu', onclick: () => pocketMenu(context, more, listed) }, icon('more'), el('span', {}, 'More'));
  const node = el('nav', { class: 'rail', 'aria-label': 'Main' },
    el('div', { class: 'head' },
      el('button', { class: 'workspace', 'aria-haspopup': 'menu', title: 'Workspaces', 'data-testid': 'workspaces', onclick: workspaces }, el('img', { src: new URL('../icon.svg', import.meta.url).pathname, alt: '', width: 24, height: 24 }), el('span', { class: 'label', dir: 'auto' }, context.me.workspace.name)),
      iconButton('rail', 'Fold the rail', fold, { class: 'quiet folder' })),
    button('palette', 'search', 'Search', 'Mod+k'), slots('top'), newButton,
    el('div', { class: 'links' }, listed.map(link)),
    favourites,
    el('span', { class: 'spring' }),
    slots('foot'),
    el('div', { class: 'links' }, settings.map(link)),
    user, more);
  async function workspaces(event) {
    const anchor = event.currentTarget;
    const { workspaceMenu } = await import('./workspaces.js');
    await workspaceMenu(context, anchor);
  }
  function fold() {
    const folded = document.documentElement.toggleAttribute('data-folded');
    localStorage.setItem('rail', folded ? 'folded' : '');
  }
  function mark(page) {
    root = page?.path === '/' ? '/' : `/${page?.path.split('/')[1]}`;
    markLinks();
  }
  return { node, mark, fold, newButton };
}

const yours = (context) => [
  { label: isDark() ? 'Light' : 'Dark', icon: isDark() ? 'sun' : 'moon', run: toggleTheme },
  { label: 'Keys', icon: 'keys', run: () => run('help') },
  null,
  { label: 'Sign out', icon: 'leave', testid: 'sign-out', run: context.leave },
];

function userMenu(context, anchor) {
  menu(anchor, [{ heading: context.me.email }, { label: 'Settings', icon: 'settings', href: '/settings' }, ...yours(context)], { label: 'You' });
}

// pocketMenu is what a phone's bar has no room for.
function pocketMenu(context, anchor, listed) {
  const rest = listed.filter((page) => !pocket.includes(page.path)).map((page) => ({ label: page.title, icon: page.icon, href: page.path }));
  const slots = actions.filter((action) => action.rail).map((action) => ({ label: action.short ?? action.title, icon: action.icon, run: () => run(action.id) }));
  const starred = pinned.map((one) => ({ label: one.title, icon: one.icon, href: one.href }));
  menu(anchor, [{ label: 'Search', icon: 'search', run: () => run('palette') }, ...slots, ...(starred.length ? [{ heading: 'Favourites' }, ...starred, null] : []), ...rest, { label: 'Settings', icon: 'settings', href: '/settings' }, null, { heading: context.me.email }, ...yours(context)], { label: 'More', side: 'end' });
}
