// The rail: where one can go, and who one is.
import { run } from '../commands.js';
import { el, icon, iconButton } from '../dom.js';
import { avatar } from '../format.js';
import { menu } from '../menu.js';
import { pages } from '../pages.js';
import { isDark, toggleTheme } from '../theme.js';

const links = new Map(); // path → link

// setBadge shows a number beside a page's link: how many tasks are due, for example.
export function setBadge(path, number) {
  const badge = links.get(path)?.querySelector('.badge');
  if (!badge) return;
  badge.textContent = number ? (number > 99 ? '99+' : String(number)) : '';
  badge.hidden = !number;
}

function link(page) {
  const path = page.path.replace(/\/\*$/, '');
  const node = el('a', { href: path, 'data-nav': true, title: page.title }, icon(page.icon), el('span', { class: 'label' }, page.title), el('span', { class: 'badge', hidden: true }));
  links.set(path, node);
  return node;
}

// rail makes the rail. mark(page) says which page is shown.
export function rail(context, { create }) {
  const listed = pages.filter((page) => page.order).sort((a, b) => a.order - b.order);
  const settings = pages.filter((page) => page.path === '/settings/*');
  const newButton = el('button', { class: 'new', 'aria-haspopup': 'menu', 'aria-keyshortcuts': 'c', title: 'Create (c)', 'data-testid': 'create', onclick: create }, icon('plus'), el('span', { class: 'label' }, 'New'), el('kbd', { 'aria-hidden': 'true' }, 'C'));
  const user = el('button', { class: 'user', 'aria-haspopup': 'menu', onclick: () => userMenu(context, user) }, avatar(context.me.user.name), el('span', { class: 'label', dir: 'auto' }, context.me.user.name));
  const node = el('nav', { class: 'rail', 'aria-label': 'Main' },
    el('div', { class: 'head' },
      el('div', { class: 'workspace' }, el('img', { src: new URL('../icon.svg', import.meta.url).pathname, alt: '', width: 24, height: 24 }), el('span', { class: 'label', dir: 'auto' }, context.me.workspace.name)),
      iconButton('rail', 'Fold the rail', fold, { class: 'quiet folder' })),
    newButton,
    el('div', { class: 'links' }, listed.map(link)),
    el('div', { class: 'favourites', hidden: true }),
    el('span', { class: 'spring' }),
    el('div', { class: 'links' }, settings.map(link)),
    user);
  function fold() {
    const folded = document.documentElement.toggleAttribute('data-folded');
    localStorage.setItem('rail', folded ? 'folded' : '');
  }
  function mark(page) {
    const root = page?.path === '/' ? '/' : `/${page?.path.split('/')[1]}`;
    for (const [path, one] of links) {
      if (path === root) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
  }
  return { node, mark, fold, newButton };
}

function userMenu(context, anchor) {
  menu(anchor, [
    { heading: context.me.email },
    { label: 'Settings', icon: 'settings', href: '/settings' },
    { label: isDark() ? 'Light' : 'Dark', icon: isDark() ? 'sun' : 'moon', run: toggleTheme },
    { label: 'Keys', icon: 'keys', run: () => run('help') },
    null,
    { label: 'Sign out', icon: 'leave', testid: 'sign-out', run: context.leave },
  ], { label: 'You' });
}
