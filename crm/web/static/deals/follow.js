// What others do to deals appears on the board as it happens.
import { get } from '../api.js';

const gather = 120; // ms in which changes are taken together

// follow shows changes of others; it returns what ends that.
export function follow(board) {
  const changed = new Map(); // id → version
  const offs = [];
  let timer;

  function hear(note) {
    if (!['deal', 'deals'].includes(note.type ?? note.kind)) return;
    const known = board.dealOf(note.id);
    if (known && note.version && known.version >= note.version) return;
    changed.set(note.id, note.version);
    timer ??= setTimeout(look, gather);
  }
  async function look() {
    timer = undefined;
    if (board.dragging) { timer = setTimeout(look, gather); return; }
    const ids = [...changed.keys()];
    changed.clear();
    if (ids.length > 8 || ids.some((id) => !board.dealOf(id))) { board.reload(); return; }
    for (const id of ids) {
      const deal = await get(`/deals/${id}`).catch(() => null);
      if (deal && !(board.dealOf(id)?.version > deal.version)) board.show(deal);
    }
  }
  import('../live.js').then(({ on }) => offs.push(on('record.changed', hear), on('record.deleted', hear), on('deal.moved', hear))).catch(() => {}); // without sockets, a reload shows it
  return () => { clearTimeout(timer); for (const off of offs) off(); };
}
