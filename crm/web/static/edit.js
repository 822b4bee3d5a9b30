// Changes are shown at once and sent; what the server refuses is taken back,
// and when somebody was quicker the user says which to keep.
import { ago } from './format.js';
import { toast } from './toast.js';

const listeners = new Set();

// announce tells all who show records that one changed; record is null if it is gone.
export function announce(kind, id, record) {
  for (const listener of listeners) listener(kind, id, record);
}

// onRecord calls fn(kind, id, record) for each change made here; it returns what ends that.
export function onRecord(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}

const differs = (a, b) => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);

// change makes record what patch says. show(record) draws it; send(record,
// patch) sends it and resolves to the record as saved; who(id) names a
// member; ask, if given, shows a conflict instead of a notice does.
// It resolves to the saved record, or to theirs if that was taken.
export async function change(record, patch, { show, send, who = () => 'Somebody', ask = askByToast }) {
  show({ ...record, ...patch });
  try {
    const saved = await send(record, patch);
    show(saved);
    return saved;
  } catch (problem) {
    const current = problem.status === 412 && problem.body.current;
    if (!current) { show(record); throw problem; }
    const again = { ...record, ...current };
    const both = Object.keys(patch).filter((key) => differs(record[key], current[key]) && differs(patch[key], current[key]));
    if (!both.length) return change(again, patch, { show, send, who, ask }); // they changed something else
    show(again);
    const mine = await ask({ who: who(current.updatedBy), when: ago(current.updatedAt), fields: both, current });
    return mine ? change(again, patch, { show, send, who, ask }) : again;
  }
}

function askByToast({ who, when }) {
  return new Promise((answer) => {
    toast(`${who} changed this ${when}`, { bad: true, sticky: true, actions: [
      { label: 'Keep mine', run: () => answer(true) }, { label: 'Take theirs', run: () => answer(false) }] });
  });
}
