// All keys that work here and now, from the table of commands.
import { caps, commands, keysOf } from '../commands.js';
import { el } from '../dom.js';
import { overlay } from '../overlay.js';

const plain = [
  { group: 'Fields', title: 'Save', keys: 'Mod+Enter' },
  { group: 'Fields', title: 'Leave, close', keys: 'Escape' },
];

// showHelp lists the keys by group.
export function showHelp() {
  const groups = Map.groupBy([...commands().filter((one) => keysOf(one).length && one.group), ...plain], (one) => one.group);
  overlay('Keys', el('div', { class: 'keys' }, [...groups].map(([group, list]) => el('section', {},
    el('h3', {}, group), el('dl', {}, list.map((one) => el('div', {}, el('dt', {}, one.title), el('dd', {}, keysOf(one).slice(0, 1).flatMap(caps).map((cap) => el('kbd', {}, cap))))))))),
  { size: 'large', name: 'help' });
}
