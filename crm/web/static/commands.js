// Everything that can be done by a key or from the palette, in one table: the
// palette, the key help and the keyboard itself read it.
import { overlaid } from './overlay.js';

const table = new Map(); // id → definitions, of which the last possible one counts
const patience = 2500; // ms to wait for a sequence's second key
const orders = new WeakMap(); // what was added later goes before
let made = 0;
let pending = '';
let timer;

// command adds {id, title, keys, group, run, when, icon, hidden} and returns
// what takes it out again. keys: 'j', 'g p', 'Mod+Enter', 'Shift+x', 'Space',
// or a list of them. A page's own definition of an id goes before a general
// one. run may return false: the key was not meant for it.
export function command(definition) {
  orders.set(definition, ++made);
  table.set(definition.id, [...(table.get(definition.id) ?? []), definition]);
  return () => table.set(definition.id, table.get(definition.id).filter((d) => d !== definition));
}

// commands lists what can be done now.
export const commands = () => [...table.values()].map((stack) => stack.findLast((d) => !d.when || d.when())).filter(Boolean);

export const keysOf = (definition) => [definition.keys ?? []].flat();

export const run = (id) => commands().find((c) => c.id === id)?.run();

// nameOf is how a key is written in the table.
export function nameOf(event) {
  const letter = /^\p{L}$/u.test(event.key);
  const key = event.key === ' ' ? 'Space' : letter ? event.key.toLowerCase() : event.key;
  return (event.metaKey || event.ctrlKey ? 'Mod+' : '') + (event.shiftKey && (letter || event.key.length > 1) ? 'Shift+' : '') + key;
}

// Typing in a field goes to the field, but for Escape and what is held with
// Ctrl or Command; buttons and links keep their own keys.
function theirs(event, key) {
  const target = event.target;
  if (target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')) return !key.startsWith('Mod+') && key !== 'Escape';
  if (key === 'Enter') return target.closest('a, button, summary');
  return key === 'Space' && target.closest('button, summary, input, [role=tab], [role=option], [role=menuitem]');
}

function find(key) {
  const wanted = pending ? `${pending} ${key}` : key;
  return commands().filter((c) => keysOf(c).includes(wanted)).sort((a, b) => orders.get(b) - orders.get(a))[0];
}

function hold(key) {
  clearTimeout(timer);
  pending = !pending && commands().some((c) => keysOf(c).some((k) => k.startsWith(`${key} `))) ? key : '';
  timer = setTimeout(() => { pending = ''; }, patience);
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing || ['Shift', 'Control', 'Meta'].includes(event.key)) return;
  const key = nameOf(event);
  if (key === 'Mod+Enter' && event.target.form) { event.preventDefault(); event.target.form.requestSubmit(); return; }
  if (theirs(event, key) || overlaid()) return;
  const found = find(key);
  if (found) pending = '';
  else hold(key);
  if (found && found.run(event) !== false) event.preventDefault();
});

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const signs = { Mod: apple ? '⌘' : 'Ctrl', Shift: apple ? '⇧' : 'Shift', Enter: '↵', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

// caps are the key caps of keys, in the order of pressing.
export const caps = (keys) => keys.split(' ').flatMap((part) => (part === '+' ? ['+'] : part.split('+'))).map((part) => signs[part] ?? (/^[a-z]$/.test(part) ? part.toUpperCase() : part));
