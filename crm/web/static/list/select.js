// Which rows are selected: some, or everything that the filter finds.

// selection keeps ids; order() are those loaded, in their order.
export function selection({ order, changed }) {
  const ids = new Set();
  let last = '';
  let whole = false;
  const tell = () => changed();
  return {
    has: (id) => whole || ids.has(id),
    get size() { return whole ? order().length : ids.size; },
    get whole() { return whole; },
    // toggle turns one, or with range all between it and the last one.
    toggle(id, range) {
      if (whole) { whole = false; for (const one of order()) ids.add(one); }
      const all = order();
      const [a, b] = [all.indexOf(last), all.indexOf(id)].sort((x, y) => x - y);
      const on = !ids.has(id);
      const turn = range && a >= 0 ? all.slice(a, b + 1) : [id];
      for (const one of turn) { if (on || range) ids.add(one); else ids.delete(one); }
      last = id;
      tell();
    },
    all() {
      const every = order();
      const on = whole || ids.size < every.length;
      whole = false;
      ids.clear();
      if (on) for (const id of every) ids.add(id);
      tell();
    },
    everything() { whole = true; tell(); },
    clear() { ids.clear(); whole = false; tell(); },
    forget() { ids.clear(); whole = false; },
    chosen: ({ filter, q, count }) => (whole ? { filter, q, count } : { ids: [...ids] }),
  };
}
