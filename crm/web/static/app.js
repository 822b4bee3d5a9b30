// The studio: finds out who is there, draws the frame, and shows the page
// that the address names.
import * as api from './api.js';
import { drawer } from './drawer.js';
import { el, icon } from './dom.js';
import { avatar } from './format.js';
import { bind, showHelp } from './keys.js';
import { listPage } from './list.js';
import { showSignIn } from './signin.js';
import { subjects } from './subjects.js';
import { isDark, toggleTheme } from './theme.js';

const root = document.getElementById('app');
let shown = null; // the page, its subject, the drawer

api.onSignedOut(() => { if (shown) enter('Your session has ended. Sign in to go on.'); });

async function begin() {
  let me;
  try {
    me = await api.me();
  } catch (problem) {
    if (problem.status === 401) return enter();
    root.replaceChildren(el('main', { class: 'signin' }, el('div', { class: 'card' },
      el('h1', {}, 'Back in a moment'), el('p', { role: 'alert' }, problem.message),
      el('button', { class: 'button primary wide', onclick: begin }, 'Try again'))));
    return undefined;
  }
  const { items: members } = await api.members();
  return frame({ me, members, people: subjects.people });
}

function enter(note) {
  shown = null;
  return showSignIn(root, begin, note);
}

function frame(context) {
  const place = el('main', { class: 'place' });
  const links = Object.values(subjects).map((subject) => el('a', { href: `/${subject.kind}`, 'data-nav': true }, icon(subject.kind), el('span', {}, subject.title)));
  const theme = el('button', { class: 'quiet', 'aria-label': 'Light or dark', title: 'Light or dark (t)', onclick: flip }, icon(isDark() ? 'sun' : 'moon'));
  function flip() {
    toggleTheme();
    theme.replaceChildren(icon(isDark() ? 'sun' : 'moon'));
  }
  const rail = el('nav', { class: 'rail', 'aria-label': 'Main' },
    el('div', { class: 'workspace' }, el('img', { src: new URL('icon.svg', import.meta.url).pathname, alt: '', width: 26, height: 26 }), el('span', {}, context.me.workspace.name)),
    el('div', { class: 'links' }, links),
    el('span', { class: 'spring' }),
    el('div', { class: 'tools' }, theme,
      el('button', { class: 'quiet', 'aria-label': 'Keys', title: 'Keys (?)', onclick: showHelp }, icon('keys')),
      el('button', { class: 'quiet', 'aria-label': 'Sign out', title: 'Sign out', 'data-testid': 'sign-out', onclick: leave }, icon('leave'))),
    el('div', { class: 'user' }, avatar(context.me.user.name), el('span', { dir: 'auto' }, context.me.user.name)));
  root.replaceChildren(el('div', { class: 'frame' }, rail, place));
  shown = { context, place, links, kind: null, page: null, drawer: null };
  bindKeys(flip);
  route();
}

async function leave() {
  await api.signOut().catch(() => {}); // the session may be gone already
  history.replaceState(null, '', '/');
  enter();
}

function navigate(path) {
  if (shown?.drawer?.dirty() && !confirm('Leave without saving?')) return;
  history.pushState(null, '', path);
  route();
}

// route makes what is shown agree with the address.
function route() {
  if (!shown) return;
  const [kind, id] = location.pathname.split('/').slice(1);
  if (!subjects[kind]) {
    history.replaceState(null, '', '/people');
    return route();
  }
  if (shown.kind !== kind) showList(kind);
  showRecord(id);
}

function showList(kind) {
  shown.kind = kind;
  shown.drawer = null;
  shown.page = listPage(subjects[kind], shown.context, (id) => navigate(`/${kind}/${id}`));
  shown.place.replaceChildren(shown.page.node);
  for (const link of shown.links) {
    if (link.getAttribute('href') === `/${kind}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  shown.page.load();
}

function showRecord(id) {
  const { page, kind, context, place } = shown;
  shown.drawer?.node.remove();
  shown.drawer = null;
  page.select(id);
  place.classList.toggle('beside', Boolean(id));
  if (!id) {
    document.title = `${subjects[kind].title} · ApexAI CRM`;
    return;
  }
  page.closeAdding();
  const close = () => {
    history.pushState(null, '', `/${kind}`);
    route();
    page.focusRow(id);
  };
  shown.drawer = drawer(subjects[kind], context, page, { close, openOther: navigate });
  place.append(shown.drawer.node);
  shown.drawer.open(id);
  shown.drawer.focus();
}

function bindKeys(flip) {
  bind({
    c: () => shown?.page.add(),
    '/': () => shown?.page.focusSearch(),
    j: () => shown?.page.step(1), ArrowDown: () => shown?.page.step(1),
    k: () => shown?.page.step(-1), ArrowUp: () => shown?.page.step(-1),
    'g p': () => navigate('/people'), 'g c': () => navigate('/companies'),
    t: flip, '?': showHelp,
    'Mod+Enter': () => (shown?.drawer ? shown.drawer.save() : false),
    Escape: (event) => (shown?.drawer ? shown.drawer.leave() : event.target.blur?.()),
  });
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-nav]');
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  navigate(link.getAttribute('href'));
});
addEventListener('popstate', route);
begin();
