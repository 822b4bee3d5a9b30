// A record at a glance, beside the list.
import { el, icon, iconButton } from '../dom.js';
import { avatar } from '../format.js';

// peek is the panel; close() is told when it is to go.
export function peek(subject, context, { columns, close, open }) {
  const node = el('aside', { class: 'peek', 'aria-label': 'At a glance', 'data-testid': 'peek' });
  function show(record) {
    const name = subject.name(record);
    const lines = columns().filter((column) => column.cell);
    node.replaceChildren(
      el('header', {}, avatar(name, `${subject.shape} big`), el('div', { class: 'called' }, el('h2', { dir: 'auto' }, name), el('p', { class: 'muted', dir: 'auto' }, subject.below(record))),
        iconButton('close', 'Close (Space)', close)),
      el('dl', {}, lines.map((column) => el('div', {}, el('dt', {}, column.label), el('dd', {}, column.cell(record, context))))),
      el('footer', {}, el('button', { type: 'button', class: 'button', onclick: () => open(record.id) }, icon('external'), 'Open'), el('kbd', {}, '↵')));
  }
  return { node, show };
}
