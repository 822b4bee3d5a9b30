// The keyboard. A page binds keys while it is shown; typing in a field goes
// to the field, but for Escape and what is held with Ctrl or Command.
import { el } from './dom.js';

const bound = new Map();
let leader = '';

// bind sets keys to functions: {'c': fn, 'g p': fn, 'Mod+Enter': fn}.
export function bind(keys) {
  for (const [key, fn] of Object.entries(keys)) bound.set(key, fn);
}

const typing = (target) => target.closest('input, textarea, select, [contenteditable]');

document.addEventListener('keydown', (event) => {
  const held = event.metaKey || event.ctrlKey;
  const key = (held ? 'Mod+' : '') + event.key;
  if (event.altKey || event.isComposing || (typing(event.target) && !held && event.key !== 'Escape')) return;
  if (document.querySelector('dialog[open]')) return;
  const fn = bound.get(leader ? `${leader} ${key}` : key);
  leader = !leader && key === 'g' ? 'g' : '';
  if (!fn) return;
  if (fn(event) !== false) event.preventDefault();
});

const help = [
  ['Add a record', 'c'], ['Search', '/'], ['Next, previous row', 'j', 'k'], ['Open a row', 'Enter'], ['Close, go back', 'Esc'],
  ['Save', 'Ctrl', 'Enter'], ['Go to people', 'g', 'p'], ['Go to companies', 'g', 'c'], ['Light or dark', 't'], ['This help', '?'],
];

export function showHelp() {
  const dialog = el('dialog', { class: 'help', 'aria-label': 'Keys', onclick: (event) => event.target === dialog && dialog.close(), onclose: () => dialog.remove() },
    el('h2', {}, 'Keys'),
    el('dl', {}, help.map(([what, ...keys]) => el('div', {}, el('dt', {}, what), el('dd', {}, keys.map((key) => el('kbd', {}, key)))))),
    el('form', { method: 'dialog' }, el('button', { class: 'button' }, 'Close')));
  document.body.append(dialog);
  dialog.showModal();
}
