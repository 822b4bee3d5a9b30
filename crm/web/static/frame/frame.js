// The frame around every page: the rail, and what can be done from anywhere.
import { actions } from '../actions.js';
import { background } from '../background.js';
import { command, commands, keysOf } from '../commands.js';
import { el } from '../dom.js';
import { menu } from '../menu.js';
import { pages } from '../pages.js';
import { go, start } from '../router.js';
import { undoLast } from '../toast.js';
import { toggleTheme } from '../theme.js';
import { awayLine } from './away.js';
import { rail } from './rail.js';

let general = []; // what takes the general commands out again
const ending = []; // what ends that which runs beside the pages

// frame draws the frame into root and opens the page of the address.
export function frame(root, context) {
  const place = el('main', { class: 'place', id: 'place' });
  const side = rail(context, { create: () => create(side.newButton) });
  const skip = el('a', { class: 'skip', href: '#place', onclick: (event) => { event.preventDefault(); place.querySelector('h1, button, a, input')?.focus(); } }, 'Skip to the page');
  root.replaceChildren(el('div', { class: 'frame' }, skip, side.node, place, awayLine()));
  for (const off of general) off();
  general = [...ofPages(), ...ofActions(context), ...ofFrame(context, side)].map(command);
  start(context, place, side.mark).finally(() => beside(context));
}

// beside starts what runs beside the pages; what cannot be had is done without.
async function beside(context) {
  for (const end of await Promise.all(ending.splice(0))) end?.();
  import('./palette.js').catch(() => {}); // what is wanted first is there, network or not
  for (const one of background) ending.push(one.load().then((module) => module.start(context)).catch((fault) => { console.error(fault); }));
}

const ofPages = () => pages.filter((page) => page.key).map((page) => (
  { id: `go${page.path}`, title: `Go to ${page.title}`, group: 'Go to', keys: `g ${page.key}`, icon: page.icon, run: () => { go(page.path.replace(/\/\*$/, '')); } }));

// makes says whether an action is for those who may make something.
const makes = (action) => Boolean(action.keys?.startsWith('c '));

const ofActions = (context) => actions.map(({ load, ...action }) => ({ ...action, when: () => !makes(action) || context.can('member'), run: () => { load().then((module) => module.run(context)); } }));

const ofFrame = (context, side) => [
  { id: 'palette', title: 'Search and commands', group: 'General', keys: ['Mod+k', '/'], icon: 'search', run: () => { import('./palette.js').then((module) => module.openPalette(context)); } },
  { id: 'create', title: 'Create…', group: 'Create', keys: 'c', icon: 'plus', run: () => create(side.newButton), hidden: true, when: () => context.can('member') },
  { id: 'undo', title: 'Undo the last change', group: 'General', keys: ['z', 'Mod+z'], icon: 'undo', run: undoLast },
  { id: 'help', title: 'Show all keys', group: 'General', keys: '?', icon: 'keys', run: () => { import('./help.js').then((module) => module.showHelp()); } },
  { id: 'theme', title: 'Light or dark', group: 'General', keys: 't', icon: 'moon', run: toggleTheme },
  { id: 'rail', title: 'Fold or unfold the rail', group: 'General', keys: 'Mod+\\', icon: 'rail', run: side.fold },
  { id: 'leave', title: 'Sign out', group: 'General', icon: 'leave', run: context.leave },
];

// create opens the menu of what can be made here.
function create(anchor) {
  const items = commands().filter((one) => keysOf(one).some((keys) => keys.startsWith('c '))).sort((a, b) => (a.order ?? 99) - (b.order ?? 99));
  menu(anchor, items.map((one) => ({ label: one.short ?? one.title, icon: one.icon, key: keysOf(one)[0].slice(2), run: one.run })), { label: 'Create' });
}
