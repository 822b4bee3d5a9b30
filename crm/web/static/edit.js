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

const lines = new Map(); // id → the changes of a record that are on their way, in order

// queued puts a patch behind what is on its way. end(known) takes it out again
// and tells the next one what is known of the record then.
function queued(id, patch) {
  const line = lines.get(id) ?? lines.set(id, []).get(id);
  const before = line.at(-1);
  const one = { patch, line, before: before?.done };
  one.done = new Promise((done) => {
    one.end = (known) => {
      line.splice(line.indexOf(one), 1);
      if (!line.length && lines.get(id) === line) lines.delete(id);
      done(known);
    };
  });
  line.push(one);
  return one;
}

// change makes record what patch says. Changes of one record are sent one
// after the other, and all of them show meanwhile. show(record) draws it;
// send(record, patch) sends it and resolves to the record as saved; who(id)
// names a member; ask, if given, shows a conflict instead of a notice does. It
// resolves to the saved record, or to theirs if that was taken.
export async function change(record, patch, { show, send, who = () => 'Somebody', ask = askByToast }) {
  const turn = queued(record.id, patch);
  const draw = (known) => show(Object.assign({}, known, ...turn.line.map((one) => one.patch)));
  draw(record);
  const base = turn.before ? { ...record, ...await turn.before } : record;
  try {
    const saved = await send(base, patch);
    turn.end(saved);
    draw(saved);
    return saved;
  } catch (problem) {
    const current = problem.status === 412 && problem.body.current;
    const again = { ...base, ...current };
    turn.end(again); // what comes after it does not wait for an answer
    if (!current) { draw(base); throw problem; }
    const both = Object.keys(patch).filter((key) => differs(base[key], current[key]) && differs(patch[key], current[key]));
    if (!both.length) return change(again, patch, { show, send, who, ask }); // they changed something else
    draw(again);
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
