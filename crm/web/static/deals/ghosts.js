// What a board without deals shows: a card in each lane that says what the
// stage is for.
import { el } from '../dom.js';

const about = [
  'Somebody might buy. Find out whether it fits.',
  'They have a need, a budget and somebody who decides.',
  'They have an offer in writing.',
  'Price and terms are being settled.',
  'Only the signature is missing.',
];
const ends = { won: 'They have signed. Press W on a card.', lost: 'It will not happen. You will be asked why.' };

// ghosts draws them while the board is empty, and takes them away after.
export function ghosts(board, root) {
  const empty = board.lanes.every(({ count }) => count === 0) && !board.narrowed();
  root.classList.toggle('empty', empty);
  for (const node of root.querySelectorAll('.ghosts')) node.remove();
  if (!empty) return;
  const open = board.lanes.filter(({ stage }) => stage.kind === 'open');
  for (const one of board.lanes) {
    const at = open.indexOf(one);
    const text = ends[one.stage.kind] ?? about[open.length < 4 && at === open.length - 1 && at > 0 ? 3 : Math.min(at, about.length - 1)];
    const first = at === 0 && board.context.can('member');
    one.scroll.append(el('div', { class: 'ghosts' }, el('p', { class: 'ghost' }, text),
      first ? el('button', { class: 'button primary small', 'data-testid': 'first-deal', onclick: () => one.add() }, 'Add your first deal') : null));
  }
}
