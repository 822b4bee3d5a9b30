// A field to choose a company in, or to name a new one.
import { el } from './dom.js';
import { avatar } from './format.js';
import { toast } from './toast.js';

const pause = 120; // ms without typing before searching
let made = 0;

export function companyControl(field, input, companies) {
  let chosen = null;
  let options = [];
  let at = -1;
  let timer;
  let search;
  const listId = `companies-${++made}`;
  const list = el('ul', { class: 'options', role: 'listbox', id: listId, hidden: true });
  const node = el('div', { class: 'picker' }, input, list);
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': listId, 'aria-expanded': 'false' })) input.setAttribute(name, value);

  const text = () => input.value.trim();
  const same = (a, b) => a.localeCompare(b, undefined, { sensitivity: 'base' }) === 0;

  function close() {
    list.hidden = true;
    unmark();
    input.setAttribute('aria-expanded', 'false');
  }
  function unmark() {
    at = -1;
    for (const item of list.children) item.setAttribute('aria-selected', 'false');
    input.removeAttribute('aria-activedescendant');
  }
  function choose(option) {
    clearTimeout(timer);
    search?.abort(); // what it finds would cover what comes next
    chosen = option.id ? option : null;
    input.value = option.name;
    close();
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
  function mark(next) {
    at = (next + options.length) % options.length;
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', i === at));
    input.setAttribute('aria-activedescendant', list.children[at].id);
    list.children[at].scrollIntoView({ block: 'nearest' });
  }
  function show(found) {
    const marked = options[at]?.name;
    options = [...found];
    if (text() && !found.some((c) => same(c.name, text()))) options.push({ name: text() });
    list.replaceChildren(...options.map((option, i) => el('li', {
      role: 'option', id: `${listId}-${i}`, 'aria-selected': 'false',
      onmousedown: (event) => { event.preventDefault(); choose(option); },
    }, option.id ? avatar(option.name, 'square') : el('span', { class: 'new' }, 'Add'), el('span', {}, option.name))));
    list.hidden = options.length === 0 || document.activeElement !== input;
    input.setAttribute('aria-expanded', String(!list.hidden));
    unmark();
    const again = options.findIndex(({ name }) => name === marked);
    if (again >= 0) mark(again);
  }
  async function look() {
    search?.abort();
    search = new AbortController();
    try {
      show((await companies.list({ q: text(), limit: 6, sort: 'name' }, search.signal)).items);
    } catch (fault) {
      if (fault.name !== 'AbortError') close(); // what is typed still counts when saved
    }
  }
  input.addEventListener('input', () => {
    chosen = null;
    unmark();
    clearTimeout(timer);
    timer = setTimeout(look, pause);
  });
  input.addEventListener('blur', () => { clearTimeout(timer); close(); });
  input.addEventListener('keydown', (event) => {
    if (list.hidden) {
      if (event.key === 'ArrowDown') { event.preventDefault(); look(); }
      return;
    }
    const keys = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at < 0 ? -1 : at - 1), Escape: close };
    if (event.key === 'Enter' && at >= 0) keys.Enter = () => choose(options[at]);
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });

  // get turns a name that was only typed into a company, a new one if need be.
  async function get() {
    const name = text();
    if (!name) return null;
    if (chosen) return chosen;
    const found = (await companies.list({ q: name, limit: 20, sort: 'name' })).items.find((c) => same(c.name, name));
    if (found) return (chosen = found);
    chosen = await companies.create({ name });
    toast(`${name} added to companies`);
    return chosen;
  }
  function set(record) {
    chosen = record.companyId && record.companyName ? { id: record.companyId, name: record.companyName } : null;
    input.value = chosen?.name ?? '';
  }
  return { node, set, get, raw: text };
}
