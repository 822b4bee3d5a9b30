// A small form that a button opens.
import { el } from '../dom.js';
import { put } from '../menu.js';

// popover shows node beside anchor until something else is clicked, or Escape
// pressed; it returns what closes it.
export function popover(anchor, node, { label, onclose } = {}) {
  document.querySelector('.menu')?.remove();
  const before = document.activeElement;
  const box = el('div', { class: 'menu form', role: 'dialog', 'aria-label': label, popover: 'manual', onkeydown: keys }, node);
  function keys(event) {
    event.stopPropagation();
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close();
  }
  function outside(event) { if (!box.contains(event.target)) close(false); }
  function close(back = true) {
    if (!box.isConnected) return;
    document.removeEventListener('pointerdown', outside, true);
    box.remove();
    anchor.setAttribute('aria-expanded', 'false');
    if (back) (before?.isConnected ? before : anchor).focus?.({ preventScroll: true });
    onclose?.();
  }
  document.body.append(box);
  box.showPopover();
  put(box, anchor);
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  (box.querySelector('[autofocus]') ?? box.querySelector(':is(input, select, button):enabled'))?.focus();
  return { close, place: () => put(box, anchor) };
}
