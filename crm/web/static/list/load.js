// What a list shows: pages of records, one after the other, or those of each
// group in turn.
import { get } from '../api.js';
import { leavesOf, nodeOf } from './chips.js';

export const pageSize = 50;
const big = 200; // of what is loaded to get to the end
const atMost = 20_000; // records that are loaded so at once: a page holds them all

// source loads the records of how a list is shown: {q, filter, sort, groupBy}.
export function source(subject, shown) {
  const fresh = () => ({ sections: [], total: '', controller: new AbortController(), busy: false, begun: false });
  let state = fresh();

  const query = (filter, more) => ({ q: shown.q, sort: shown.sort, limit: pageSize, ...(Object.keys(filter).length ? { filter: JSON.stringify(filter) } : {}), ...more });

  // begin forgets what was loaded and loads the first page.
  async function begin() {
    state.controller.abort();
    const mine = fresh();
    mine.busy = true;
    const { signal } = mine.controller;
    state = { ...mine, sections: state.sections, total: state.total };
    const now = state;
    if (shown.groupBy) {
      const { items } = await get(`/${subject.kind}/groups`, { signal, query: { q: shown.q, by: shown.groupBy, ...(Object.keys(shown.filter).length ? { filter: JSON.stringify(shown.filter) } : {}) } });
      now.next = items.map(({ value, count }) => ({ key: value ?? '', value, count, filter: within(shown.filter, shown.groupBy, value, shown.typeOf(shown.groupBy)), items: [], cursor: '', open: true, whole: false }));
    } else {
      now.next = [{ key: '', filter: shown.filter, items: [], cursor: '', open: true, whole: false }];
    }
    const first = now.next[0];
    const page = first ? await subject.calls.list(query(first.filter, { count: shown.groupBy ? '' : 'exact' }), signal) : { items: [], total: '0' };
    if (now !== state) throw new DOMException('another list', 'AbortError');
    if (first) take(first, page);
    now.sections = now.next;
    now.total = shown.groupBy ? String(now.next.reduce((n, { count }) => n + count, 0)) : page.total;
    now.busy = false;
    now.begun = true;
    return now;
  }
  function take(section, page) {
    const known = new Set(section.items.map(({ id }) => id)); // one that was just added may come again
    section.items = [...section.items, ...page.items.filter(({ id }) => !known.has(id))];
    section.cursor = page.nextCursor ?? '';
    section.whole = !section.cursor;
  }
  // further loads the next page, of the first group that has more.
  async function further(limit = pageSize) {
    const now = state;
    const section = now.sections.find((one) => one.open && !one.whole);
    if (!section || now.busy) return false;
    now.busy = true;
    try {
      const page = await subject.calls.list(query(section.filter, { cursor: section.cursor, limit }), now.controller.signal);
      take(section, page);
      return now === state;
    } finally {
      now.busy = false;
    }
  }
  // whole loads all that there is, or so many more that a page bears them, and
  // tells how far it is; it resolves to whether the list is still the same.
  async function whole(told) {
    const now = state;
    const count = () => now.sections.reduce((n, { items }) => n + items.length, 0);
    const most = count() + atMost;
    while (now === state && now.sections.some((one) => one.open && !one.whole) && count() < most) {
      if (now.busy) await new Promise((done) => setTimeout(done, 30)); // a page is on its way
      else await further(big);
      told(count());
    }
    return now === state;
  }
  return {
    begin, further, whole, stop: () => state.controller.abort(),
    get sections() { return state.sections; },
    get total() { return state.total; },
    set total(n) { state.total = n; },
    get items() { return state.sections.flatMap(({ items }) => items); },
    get begun() { return state.begun; },
    get more() { return state.sections.some((one) => one.open && !one.whole); },
    find: (id) => { for (const { items } of state.sections) { const found = items.find((record) => record.id === id); if (found) return found; } return undefined; },
    replace(record) { for (const { items } of state.sections) { const at = items.findIndex(({ id }) => id === record.id); if (at >= 0) items[at] = record; } },
    drop(id) { for (const section of state.sections) section.items = section.items.filter((record) => record.id !== id); },
    put(record) { (state.sections[0] ?? state.sections[state.sections.push({ key: '', filter: shown.filter, items: [], cursor: '', open: true, whole: true }) - 1]).items.unshift(record); },
  };
}

// within narrows a filter to one group.
export function within(filter, by, value, type) {
  const leaf = value === null ? { f: by, op: 'empty' } : { f: by, op: '=', v: type === 'bool' ? value === 'true' : value };
  const leaves = leavesOf(filter);
  return leaves ? nodeOf([...leaves, leaf]) : { and: [filter, leaf] };
}
