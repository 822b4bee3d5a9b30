// Short notices at the foot of the page, read out by screen readers.
import { el, icon } from './dom.js';

const stays = 3000; // ms; twice as long if there is something to do or to read
let last = null; // what z undoes

// toast shows text, with undo if what was done can be undone, or other
// actions: [{label, run}]. bad is for what failed; sticky stays until it is
// dismissed. It returns what takes it away.
export function toast(text, { undo, action, actions = [], bad = false, sticky = false } = {}) {
  const drop = () => node.remove();
  const choices = [...actions, ...(action ? [action] : []), ...(undo ? [{ label: 'Undo', run: undo }] : [])];
  const node = el('div', { class: bad ? 'toast bad' : 'toast' }, icon(bad ? 'warning' : 'check'), el('span', { dir: 'auto' }, text),
    choices.map(({ label, run }) => el('button', { class: 'link', onclick: () => { drop(); if (run === last) last = null; attempt(run); } }, label)),
    el('button', { class: 'quiet', 'aria-label': 'Dismiss', onclick: drop }, icon('close')));
  const place = document.getElementById('toasts');
  while (place.children.length > 2) place.firstChild.remove();
  place.append(node);
  if (undo) last = undo;
  if (!sticky) setTimeout(drop, choices.length || bad ? 2 * stays : stays);
  return drop;
}

async function attempt(run) {
  try {
    await run();
  } catch (problem) {
    toast(problem.message, { bad: true });
  }
}

// undoLast undoes what was last said to be undoable, even after its notice went.
export function undoLast() {
  if (!last) { toast('There is nothing to undo'); return; }
  const undo = last;
  last = null;
  for (const node of document.querySelectorAll('#toasts .toast')) node.remove();
  attempt(undo);
}

// forgetUndo is for when somebody else has signed in.
export function forgetUndo() { last = null; }
