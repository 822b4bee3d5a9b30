// The page of one kind of record: a table that loads as it is scrolled, a
// search, and a row to add in.
import { el, icon, style } from '../dom.js';
import { avatar, counted } from '../format.js';
import { onRecord } from '../edit.js';
import { setTrail } from '../record/trail.js';
import { quickAdd } from './quickadd.js';

style(import.meta.url, './list.css');

const pause = 150; // ms without typing before searching, and before skeletons show
const pageSize = 50;

// listPage builds the page.
export function listPage(subject, context) {
  const state = { items: [], cursor: '', total: '', q: '', sort: '', busy: false };
  let loading;
  let left; // the record that was opened last
  const count = el('span', { class: 'total', role: 'status' });
  const search = el('input', { type: 'search', placeholder: `Search ${subject.many}`, 'aria-label': `Search ${subject.many}`, autocomplete: 'off', spellcheck: 'false' });
  const body = el('tbody');
  const heads = subject.columns.map((column) => head(column));
  const table = el('table', { class: `records ${subject.kind}` }, el('thead', {}, el('tr', {}, heads)), body);
  const state_ = el('div', { class: 'state', hidden: true });
  const more = el('button', { class: 'button more', hidden: true, onclick: () => load(true) }, 'Show more');
  const adding = quickAdd(subject, context, { added, closed: () => addButton.focus({ preventScroll: true }) });
  const addButton = el('button', { class: 'button primary', 'data-testid': `add-${subject.one}`, onclick: add, 'aria-keyshortcuts': `c ${subject.create}` }, icon('plus'), el('span', {}, `Add ${subject.one}`));
  const scroller = el('div', { class: 'scroller' }, table, state_, more);
  const node = el('section', { class: 'page', 'aria-label': subject.title },
    el('header', { class: 'bar' },
      el('h1', { tabindex: -1 }, subject.title), count, el('span', { class: 'spring' }),
      el('label', { class: 'search' }, icon('search'), search, el('kbd', {}, '/')), addButton),
    scroller);

  function head(column) {
    if (!column.sort) return el('th', { scope: 'col', class: column.className }, column.label);
    const button = el('button', { class: 'sort', onclick: () => sortBy(column) }, column.label);
    return el('th', { scope: 'col', class: column.className }, button);
  }
  function sortBy(column) {
    const turned = column.sort.startsWith('-') ? column.sort.slice(1) : `-${column.sort}`;
    state.sort = state.sort === column.sort ? turned : state.sort === turned ? '' : column.sort;
    subject.columns.forEach((c, i) => {
      const on = c.sort && state.sort.replace('-', '') === c.sort.replace('-', '');
      heads[i].toggleAttribute('aria-sort', false);
      heads[i].querySelector('.icon')?.remove();
      if (!on) return;
      const down = state.sort.startsWith('-');
      heads[i].setAttribute('aria-sort', down ? 'descending' : 'ascending');
      heads[i].firstChild.append(icon(down ? 'down' : 'up'));
    });
    load();
  }

  function row(record) {
    const name = subject.name(record);
    const cells = subject.columns.map((column) => el('td', { class: column.className }, column.cell ? column.cell(record) : [
      avatar(name, subject.shape),
      el('span', { class: 'names' },
        el('a', { href: `/${subject.kind}/${record.id}`, dir: 'auto', 'data-open': record.id }, name),
        el('span', { class: 'below', dir: 'auto' }, subject.below(record))),
    ]));
    return el('tr', { 'data-testid': `${subject.one}-row`, 'data-id': record.id }, cells);
  }
  const rowOf = (id) => body.querySelector(`tr[data-id="${id}"]`);

  function say(...content) {
    state_.hidden = content.length === 0;
    state_.replaceChildren(...content);
  }
  // clear leaves the row in which somebody may be typing where it is.
  function clear() {
    for (const line of [...body.children]) if (line !== adding.node) line.remove();
  }
  function skeleton() {
    clear();
    body.append(...Array.from({ length: 8 }, () => el('tr', { class: 'skeleton', 'aria-hidden': 'true' },
      subject.columns.map((column) => el('td', { class: column.className }, el('span'))))));
  }
  function empty() {
    if (state.items.length || adding.shown()) return say();
    if (state.q) {
      return say(el('h2', {}, 'No match'), el('p', {}, `Nothing begins with “${state.q}”.`),
        el('button', { class: 'button', onclick: () => { search.value = ''; state.q = ''; load(); } }, 'Clear the search'));
    }
    say(el('div', { class: 'bigicon' }, icon(subject.kind)), el('h2', {}, `No ${subject.many} yet`), el('p', {}, subject.empty),
      el('button', { class: 'button primary', onclick: add }, icon('plus'), `Add the first ${subject.one}`));
  }
  function tell() {
    count.textContent = state.total ? counted(state.total) : '';
    count.setAttribute('aria-label', `${count.textContent} ${subject.many}`);
  }
  function shift(by) {
    if (/^\d+$/.test(state.total)) state.total = String(Math.max(0, Number(state.total) + by));
    tell();
  }

  async function load(further = false) {
    if (further && state.busy) return;
    loading?.abort();
    const mine = loading = new AbortController();
    state.busy = true;
    const waiting = further ? 0 : setTimeout(() => { say(); skeleton(); }, pause);
    try {
      const page = await subject.calls.list({ q: state.q, sort: state.sort, limit: pageSize, cursor: further ? state.cursor : '', count: further ? '' : 'exact' }, mine.signal);
      clearTimeout(waiting);
      state.items = further ? [...state.items, ...page.items] : page.items;
      state.cursor = page.nextCursor ?? '';
      if (!further) { state.total = page.total; clear(); }
      body.append(...page.items.map(row));
      more.hidden = !state.cursor;
      tell();
      empty();
    } catch (fault) {
      clearTimeout(waiting);
      if (fault.name === 'AbortError' || fault.status === 401) return;
      if (!further) clear();
      say(el('div', { class: 'bigicon' }, icon('warning')), el('h2', {}, `The ${subject.many} could not be loaded`), el('p', { role: 'alert' }, fault.message),
        el('button', { class: 'button', onclick: () => load(further) }, 'Try again'));
    } finally {
      if (mine === loading) state.busy = false;
    }
  }

  function add() {
    if (!adding.shown()) body.prepend(adding.node);
    say();
    scroller.scrollTop = 0;
    adding.focus();
  }
  function added(record) {
    state.items.unshift(record);
    adding.node.after(row(record));
    shift(1);
    empty();
  }

  let timer;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => { state.q = search.value.trim(); load(); }, pause);
  });
  search.addEventListener('keydown', (event) => { if (event.key === 'Enter') body.querySelector('a[data-open]')?.focus(); });
  body.addEventListener('click', (event) => {
    const line = event.target.closest('tr[data-id]');
    if (!line || event.metaKey || event.ctrlKey || event.target.closest('a:not([data-open])')) return;
    event.preventDefault();
    open(line.dataset.id);
  });
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) load(true); }, { root: scroller, rootMargin: '400px' }).observe(more);

  function open(id) {
    setTrail(subject.kind, state.items.map((record) => record.id));
    left = id;
    context.go(`/${subject.kind}/${id}`);
  }
  // step moves from row to row by keyboard.
  function step(by) {
    const links = [...body.querySelectorAll('a[data-open]')];
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
  }
  function replace(record) {
    const at = state.items.findIndex(({ id }) => id === record.id);
    if (at < 0) { load(); return; }
    state.items[at] = record;
    const old = rowOf(record.id);
    const focused = old?.contains(document.activeElement);
    old?.replaceWith(row(record));
    if (focused) rowOf(record.id).querySelector('a[data-open]').focus({ preventScroll: true });
  }
  function remove(id) {
    if (!rowOf(id)) return;
    state.items = state.items.filter((record) => record.id !== id);
    rowOf(id).remove();
    shift(-1);
    empty();
  }
  const off = onRecord((kind, id, record) => {
    if (kind !== subject.kind) return;
    if (record) replace(record);
    else remove(id);
  });
  const group = subject.title;
  context.command({ id: `create.${subject.one}`, title: `New ${subject.one}`, short: subject.title === 'People' ? 'Person' : 'Company', group: 'Create', keys: `c ${subject.create}`, icon: subject.icon, order: 10, run: add });
  context.command({ id: 'search', title: `Search ${subject.many}`, group, keys: '/', icon: 'search', run: () => search.focus() });
  context.command({ id: 'down', title: 'Next row', group, keys: ['j', 'ArrowDown'], hidden: true, run: () => step(1) });
  context.command({ id: 'up', title: 'Row before', group, keys: ['k', 'ArrowUp'], hidden: true, run: () => step(-1) });
  context.command({ id: 'out', title: 'Out of the field', keys: 'Escape', hidden: true, run: (event) => (event.target.matches('input') ? event.target.blur() : false) });
  load();
  return {
    node, keep: true, close: off,
    resume: () => rowOf(left)?.querySelector('a[data-open]').focus({ preventScroll: true }),
  };
}
