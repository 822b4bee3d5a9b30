// Lists of things that happened, a row each, opened for more.
import { el, style } from '../dom.js';
import { when } from '../format.js';

style(import.meta.url, './ledger.css');

// ledger makes a list of rows: cells(item) are a row's parts, detail(item) may
// resolve to what is below it once it is opened. more() fetches the next page,
// {items, nextCursor}.
export function ledger(label, { cells, detail, more }) {
  const list = el('ul', { class: 'ledger', 'aria-label': label });
  const button = el('button', { class: 'button', hidden: true, onclick: next }, 'Show more');
  let cursor = '';

  function row(item) {
    const node = el('li');
    if (!detail) { node.append(el('div', { class: 'entry' }, cells(item))); return node; }
    const below = el('div', { class: 'more', hidden: true });
    const head = el('button', { class: 'entry', 'aria-expanded': 'false', onclick: async () => {
      below.hidden = !below.hidden;
      head.setAttribute('aria-expanded', String(!below.hidden));
      if (!below.hidden) below.replaceChildren(await detail(item));
    } }, cells(item));
    node.append(head, below);
    return node;
  }
  async function next() {
    const page = await more(cursor);
    list.append(...page.items.map(row));
    cursor = page.nextCursor ?? '';
    button.hidden = !cursor;
    return page.items.length;
  }
  return {
    node: el('div', {}, list, button),
    // begin shows the first page and resolves to how many rows it has.
    begin() { cursor = ''; list.replaceChildren(); return next(); },
  };
}

// mark says a state in a word and a colour.
export const mark = (text, kind = '') => el('span', { class: `state-mark ${kind}` }, text);
