// Lists of things that happened, a row each, opened for more.
import { el, style } from '../dom.js';

style(import.meta.url, './ledger.css');

// ledger makes a list of rows: cells(item) are a row's parts, detail(item) may
// resolve to what is below it once it is opened. more(cursor) fetches a page,
// {items, nextCursor}; key(item) tells which row an item is.
export function ledger(label, { cells, detail, more, key = ({ id }) => id }) {
  const list = el('ul', { class: 'ledger', 'aria-label': label });
  const button = el('button', { class: 'button', hidden: true, onclick: next }, 'Show more');
  const rows = new Map();
  let cursor = '';
  let turn = 0; // of beginning anew: what an earlier one asked for comes too late
  let looks = 0;
  let seen = 0; // the latest look that was answered

  function row(item) {
    const below = el('div', { class: 'more', hidden: true });
    const head = detail ? el('button', { class: 'entry', 'aria-expanded': 'false', onclick: toggle }) : el('div', { class: 'entry' });
    const node = el('li', {}, head, detail ? below : null);
    let told = '';
    function show(now) {
      if (told === JSON.stringify(now)) return;
      item = now;
      told = JSON.stringify(now);
      head.replaceChildren(...cells(now));
    }
    async function toggle() {
      below.hidden = !below.hidden;
      head.setAttribute('aria-expanded', String(!below.hidden));
      if (!below.hidden) below.replaceChildren(await detail(item));
    }
    show(item);
    rows.set(key(item), { show, drop() { node.remove(); rows.delete(key(item)); } });
    return node;
  }
  async function next() {
    const mine = turn;
    const page = await more(cursor);
    if (mine !== turn) return rows.size;
    list.append(...page.items.map(row));
    cursor = page.nextCursor ?? '';
    button.hidden = !cursor;
    return page.items.length;
  }
  return {
    node: el('div', {}, list, button),
    // begin shows the first page and resolves to how many rows it has.
    begin() { turn++; cursor = ''; rows.clear(); list.replaceChildren(); return next(); },
    // renew brings in what is new, takes out what is gone, and leaves open what
    // is open. It resolves to how many rows there are.
    async renew() {
      const mine = turn;
      const look = ++looks;
      const page = await more('');
      if (mine !== turn || look < seen) return rows.size;
      seen = look;
      const there = new Set(page.items.map(key));
      if (!page.nextCursor) for (const [name, one] of rows) if (!there.has(name)) one.drop();
      for (const item of page.items.toReversed()) {
        if (rows.has(key(item))) rows.get(key(item)).show(item);
        else list.prepend(row(item));
      }
      return rows.size;
    },
  };
}

// mark says a state in a word and a colour.
export const mark = (text, kind = '') => el('span', { class: `state-mark ${kind}` }, text);

// every calls look() again and again while the page is looked at; it returns
// what ends that. A look that fails is made up for by the next.
export function every(ms, look) {
  const timer = setInterval(() => { if (document.visibilityState === 'visible') look().catch(() => {}); }, ms);
  return () => clearInterval(timer);
}
