// A deal added in its lane, by a title and perhaps an amount.
import { post } from '../api.js';
import { announce } from '../edit.js';
import { el } from '../dom.js';
import { parseAmount } from '../money.js';
import { toast } from '../toast.js';

// quickAdd is the lane's little form; it stays open for the next one. Its
// added(deal) is told of each.
export function quickAdd(stage, board) {
  const title = el('input', { name: 'title', 'aria-label': 'Title', placeholder: 'What is it about?', maxlength: 200, autocomplete: 'off', dir: 'auto' });
  const amount = el('input', { name: 'amount', 'aria-label': 'Amount', placeholder: 'Amount', inputmode: 'decimal', maxlength: 24, autocomplete: 'off' });
  const save = el('button', { class: 'button primary small' }, 'Add');
  const node = el('form', { class: 'addcard', hidden: true, onsubmit: submit, onkeydown: keys, novalidate: true },
    title, el('div', {}, amount, save, el('button', { type: 'button', class: 'button small', onclick: close }, 'Close')));
  let opener;

  function open() {
    opener = document.activeElement;
    node.hidden = false;
    title.focus();
    node.scrollIntoView({ block: 'nearest' });
  }
  function close() {
    node.hidden = true;
    node.reset();
    opener?.focus?.();
  }
  function keys(event) {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  }
  async function submit(event) {
    event.preventDefault();
    const { currency } = board.pipeline;
    const minor = parseAmount(amount.value, currency);
    title.classList.toggle('bad', !title.value.trim());
    amount.classList.toggle('bad', minor === null);
    if (!title.value.trim()) { title.focus(); return; }
    if (minor === null) { amount.focus(); return; }
    if (save.disabled) return;
    save.disabled = true;
    try {
      const deal = await post('/deals', { title: title.value, amountMinor: minor, currency, stageId: stage.id, ownerId: board.context.me.user.id });
      node.reset();
      self.added(deal);
      announce('deals', deal.id, deal);
      title.focus();
    } catch (problem) {
      toast(problem.message, { bad: true });
    } finally {
      save.disabled = false;
    }
  }
  const self = { node, open, added() {} };
  return self;
}
