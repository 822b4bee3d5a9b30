// Which page is shown is what the address says. Pages are fetched when they
// are first wanted, and lists that were left stay as they were for a return.
import { command } from './commands.js';
import { el, styled } from './dom.js';
import { bones, failed, state } from './layout.js';
import { sure } from './overlay.js';
import { pages } from './pages.js';

const pause = 150; // ms before skeletons show
const kept = 4; // pages left that stay in memory
let base = null; // context, place and what is told of each page
let shown = null; // {page, opened, scope, address}
let turns = 0;
let at = 0; // where in the history this is
let waiting; // until skeletons show
const parked = new Map(); // address → what was shown there

const routes = pages.map((page) => {
  const names = [];
  const pattern = page.path.replace(/\/\*$/, '(?:/(?<rest>.*))?').replace(/:(\w+)/g, (_, name) => { names.push(name); return `(?<${name}>[^/]+)`; });
  return { page, pattern: new RegExp(`^${pattern || '/'}/?$`) };
});

function match(path) {
  for (const { page, pattern } of routes) {
    const found = pattern.exec(path);
    if (found) return { page, params: Object.fromEntries(Object.entries(found.groups ?? {}).map(([k, v]) => [k, v && decodeURIComponent(v)])) };
  }
  return null;
}

const address = () => location.pathname + location.search;

// start shows the page of the address in place; told(page) marks it in the rail.
export function start(context, place, told) {
  base = { context, place, told };
  at = history.state?.at ?? 0;
  history.replaceState({ at }, '', location.pathname === '/login' ? '/' : undefined);
  return show();
}

// stop leaves all pages, for when nobody is signed in any more.
export function stop() {
  turns++;
  clearTimeout(waiting);
  for (const left of parked.values()) end(left);
  parked.clear();
  if (shown) end(shown);
  shown = base = null;
}

// go opens the page at path, unless what is typed in this one should be saved first.
export function go(path, { replace = false } = {}) {
  const move = () => {
    at += replace ? 0 : 1;
    history[replace ? 'replaceState' : 'pushState']({ at }, '', path);
    return show();
  };
  return shown?.opened?.dirty?.() ? leaving().then((yes) => (yes ? move() : undefined)) : move();
}

// unsaved says whether the page has something typed that is not saved yet.
export const unsaved = () => Boolean(shown?.opened?.dirty?.());

export const back = (otherwise) => (at > 0 ? history.back() : go(otherwise));

const leaving = () => sure('Leave without saving?', { text: 'What you changed here is not saved yet.', yes: 'Leave', no: 'Stay', danger: true });

addEventListener('popstate', async (event) => {
  if (!base) return;
  const to = event.state?.at ?? 0;
  const by = to - at;
  if (shown?.opened?.dirty?.() && by) {
    history.go(-by); // back to where we are, until the user has said
    await new Promise((done) => addEventListener('popstate', done, { once: true, capture: true }));
    if (!(await leaving())) return;
    shown.opened.dirty = null;
    history.go(by);
    return;
  }
  at = to;
  if (by || !shown || address() !== shown.address) show();
});
addEventListener('beforeunload', (event) => { if (shown?.opened?.dirty?.()) event.preventDefault(); });

// A scope is the context of one page: what it binds goes when it is left.
function scoped(context, page) {
  const bound = [];
  const scope = {
    bind: () => { for (const one of bound) one.off ??= command(one.definition); },
    unbind: () => { for (const one of bound) { one.off?.(); one.off = null; } },
  };
  scope.context = Object.assign(Object.create(context), {
    // command adds a command for as long as this page is shown.
    command: (definition) => bound.push({ definition, off: command(definition) }),
    title(text) { scope.title = text; if (shown?.scope === scope) name(page, scope); },
    // setQuery changes the address's query without leaving the page.
    setQuery(values) {
      const query = new URLSearchParams(location.search);
      for (const [key, value] of Object.entries(values)) if (value) query.set(key, value); else query.delete(key);
      history.replaceState({ at }, '', location.pathname + (query.size ? `?${query}` : ''));
      if (shown?.scope === scope) { shown.address = address(); base.told(shown.page); }
    },
  });
  Object.defineProperty(scope.context, 'query', { get: () => new URLSearchParams(location.search) });
  return scope;
}

function name(page, scope) { document.title = `${scope?.title ?? page.title} · ApexAI CRM`; }

function end({ opened, scope }) {
  scope.unbind();
  opened?.close?.();
}

// leave closes the page that is shown, or puts it aside.
function leave() {
  if (!shown) return;
  const left = shown;
  shown = null;
  if (!left.opened.keep) { end(left); return; }
  left.scope.unbind();
  left.scrolled = [...left.opened.node.querySelectorAll('.scroller')].map((node) => [node, node.scrollTop]);
  parked.delete(left.address);
  parked.set(left.address, left);
  if (parked.size > kept) {
    const [oldest, gone] = parked.entries().next().value;
    parked.delete(oldest);
    end(gone);
  }
}

// wait says that a page is on its way, by skeletons if that takes a while.
function wait() {
  clearTimeout(waiting);
  waiting = setTimeout(() => base.place.replaceChildren(el('section', { class: 'page' }, el('header', { class: 'bar' }), bones(8))), pause);
  base.place.setAttribute('aria-busy', 'true');
}

// put has the place show a page, or what there is to say instead.
function put(node) {
  clearTimeout(waiting); // also of a page that another was wanted instead of
  base.place.replaceChildren(node);
  base.place.removeAttribute('aria-busy');
}

function display(next) {
  shown = next;
  put(next.opened.node);
  for (const [node, top] of next.scrolled ?? []) node.scrollTop = top;
  name(next.page, next.scope);
  const held = document.activeElement;
  if (next.opened.node.contains(held) || held?.closest('dialog, .menu')) return;
  (next.opened.node.querySelector('[autofocus]') ?? next.opened.node.querySelector('h1'))?.focus({ preventScroll: true });
}

async function show() {
  const turn = ++turns;
  const found = match(location.pathname);
  if (shown && found?.page === shown.page && shown.opened.update) {
    shown.address = address();
    await shown.opened.update(found.params);
    return;
  }
  leave();
  base.told(found?.page);
  if (!found) { nothing(); return; }
  const left = parked.get(address());
  if (left) {
    parked.delete(left.address);
    left.scope.bind();
    display(left);
    left.opened.resume?.();
    return;
  }
  wait();
  const scope = scoped(base.context, found.page);
  try {
    const module = await found.page.load();
    const opened = await module.open(scope.context, found.params, found.page);
    await styled();
    if (turn !== turns) { end({ opened, scope }); return; }
    display({ page: found.page, opened, scope, address: address() });
  } catch (fault) {
    scope.unbind();
    if (turn === turns) broken(found.page, fault);
  }
}

function nothing() {
  document.title = 'Not found · ApexAI CRM';
  put(el('section', { class: 'page' }, state('search', 'There is nothing here', 'The address may be misspelt, or what was here has moved.',
    el('a', { class: 'button', href: '/', 'data-nav': true }, 'Go home'))));
}

// broken says why a page is not shown. What cannot be fetched may be gone
// because a newer version has been rolled out.
function broken(page, fault) {
  if (fault.status === 401) return;
  if (fault.status === 404) { nothing(); return; }
  name(page);
  const content = fault.status ? failed(page.title, fault, show)
    : state('warning', 'This page could not be loaded', navigator.onLine ? 'A newer version of the studio may be here. Reloading gets it.' : 'You are offline. It will load when you are back.',
      el('button', { class: 'button primary', onclick: () => location.reload() }, 'Reload'), el('button', { class: 'button', onclick: show }, 'Try again'));
  put(el('section', { class: 'page' }, content));
  if (!fault.status) console.error(fault);
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-nav]');
  if (!base || !link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.getAttribute('href'));
});
