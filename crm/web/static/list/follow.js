// What others do to records shows in the list as it happens.
import { kindOf } from '../kinds.js';

const gather = 200; // ms in which changes are taken together

// follow shows changes of others; it returns what ends that.
export function follow(subject, list) {
  const changed = new Set();
  const offs = [];
  let timer;

  function hear(note) {
    if ((note.type ?? note.kind) !== kindOf[subject.kind]) return;
    const known = list.find(note.id);
    if (!known || (note.version && known.version >= note.version)) return;
    changed.add(note.id);
    timer ??= setTimeout(look, gather);
  }
  async function look() {
    timer = undefined;
    const ids = [...changed];
    changed.clear();
    if (ids.length > 20) { list.reload(); return; }
    for (const id of ids) {
      const record = await subject.calls.get(id).catch(() => null);
      if (!record) continue;
      if (record.deletedAt) list.remove(id);
      else if (!(list.find(id)?.version > record.version)) list.draw(record);
    }
  }
  import('../live.js').then(({ on }) => offs.push(on('record.changed', hear), on('record.deleted', hear))).catch(() => {}); // without sockets, a reload shows it
  return () => { clearTimeout(timer); for (const off of offs) off(); };
}
