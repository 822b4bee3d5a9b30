// Deals: a board by stages, or a table.
import { get } from '../api.js';
import { el, icon, style } from '../dom.js';
import { listPage } from '../list/list.js';
import { board } from './board.js';
import { deals } from './subject.js';

style(import.meta.url, './deals.css');

export async function open(context) {
  const shape = context.query.get('filter') || context.query.get('view') ? 'table' : context.query.get('shape') ?? localStorage.getItem('deals') ?? 'board';
  const opened = shape === 'table' ? await listPage(deals, context) : await board(context, (await get('/pipelines')).items);
  opened.node.querySelector('.bar h1').after(shapes(context, shape));
  context.command({ id: 'deals.shape', title: shape === 'table' ? 'Show as a board' : 'Show as a table', group: 'Deals', keys: 'v', icon: shape === 'table' ? 'board' : 'table', run: () => turn(context, shape === 'table' ? 'board' : 'table') });
  return opened;
}

function turn(context, shape) {
  localStorage.setItem('deals', shape);
  context.go(`/deals?shape=${shape}`, { replace: true });
}

// shapes switches between the two.
const shapes = (context, shown) => el('div', { class: 'shapes', role: 'group', 'aria-label': 'Shape' }, [['board', 'Board'], ['table', 'Table']].map(([name, label]) => el('button', {
  type: 'button', 'aria-pressed': String(name === shown), title: `${label} (v)`, 'data-testid': `shape-${name}`, onclick: () => name !== shown && turn(context, name),
}, icon(name), el('span', { class: 'label' }, label))));
