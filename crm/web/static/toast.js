// Short notices at the foot of the page, read out by screen readers.
import { el, icon } from './dom.js';

const stays = 3000; // ms

// toast shows text, with an action if there is one: {label, run}.
export function toast(text, { action, bad } = {}) {
  const node = el('div', { class: bad ? 'toast bad' : 'toast' }, icon(bad ? 'warning' : 'check'), el('span', {}, text));
  const drop = () => node.remove();
  if (action) node.append(el('button', { class: 'link', onclick: () => { drop(); action.run(); } }, action.label));
  node.append(el('button', { class: 'quiet', 'aria-label': 'Dismiss', onclick: drop }, icon('close')));
  const place = document.getElementById('toasts');
  while (place.children.length > 2) place.firstChild.remove();
  place.append(node);
  setTimeout(drop, action || bad ? 2 * stays : stays);
}
