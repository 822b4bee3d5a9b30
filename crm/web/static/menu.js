// Menus that a button opens.
import { el, icon } from './dom.js';

// menu shows items below anchor: {label, icon, run, key, keys, danger, checked, href, hint},
// {heading}, or null for a line between groups. key picks an item by a letter.
export function menu(anchor, items, { label = 'Menu', side = 'start' } = {}) {
  document.querySelector('.menu')?.remove();
  const before = document.activeElement;
  const list = el('div', { class: 'menu', role: 'menu', 'aria-label': label, popover: 'manual', tabindex: -1 },
    items.map((item) => (item === null ? el('hr') : item.heading ? el('p', { class: 'heading', role: 'presentation' }, item.heading) : entry(item))));
  const entries = [...list.querySelectorAll('[role^=menuitem]')];

  function entry(item) {
    const mark = item.checked === undefined ? {} : { 'aria-checked': String(Boolean(item.checked)) };
    return el(item.href ? 'a' : 'button', {
      role: item.checked === undefined ? 'menuitem' : 'menuitemcheckbox', tabindex: -1, class: item.danger ? 'danger' : null,
      href: item.href, 'data-nav': Boolean(item.href), 'data-key': item.key, 'data-testid': item.testid, disabled: item.disabled, ...mark,
      onmouseenter: (event) => event.currentTarget.focus(),
      onclick: () => { close(); item.run?.(); },
    }, item.node ?? (item.icon ? icon(item.icon) : null), el('span', { dir: 'auto' }, item.label), item.hint ? el('span', { class: 'hint' }, item.hint) : null,
    item.key ? el('kbd', {}, item.key.toUpperCase()) : null, item.checked ? icon('check') : null);
  }
  function keys(event) {
    if (!list.isConnected) { close(false); return; }
    event.stopPropagation();
    if (event.key === 'Enter' && !list.contains(document.activeElement)) { event.preventDefault(); return; }
    const at = entries.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 };
    if (event.key in moves) entries.at(moves[event.key] % entries.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (event.key.length === 1 && event.key !== ' ' && !event.metaKey && !event.ctrlKey) pick(event.key.toLowerCase(), at);
    else return;
    event.preventDefault();
  }
  function pick(letter, at) {
    const chosen = entries.find((node) => node.dataset.key === letter);
    if (chosen) { chosen.click(); return; }
    [...entries.slice(at + 1), ...entries].find((node) => node.textContent.trim().toLowerCase().startsWith(letter))?.focus();
  }
  function outside(event) { if (!list.contains(event.target)) close(false); }
  function close(back = true) {
    document.removeEventListener('pointerdown', outside, true);
    document.removeEventListener('keydown', keys, true);
    list.remove();
    anchor?.setAttribute?.('aria-expanded', 'false');
    if (back && before?.isConnected) before.focus({ preventScroll: true });
  }
  (anchor.closest('dialog') ?? document.body).append(list);
  list.showPopover();
  put(list, anchor, side);
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  document.addEventListener('keydown', keys, true); // wherever the focus goes meanwhile
  (entries.find((node) => node.getAttribute('aria-checked') === 'true') ?? entries[0] ?? list).focus();
  return { close };
}

// put places a popover beside its anchor, inside the window.
export function put(node, anchor, side = 'start') {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = node;
  const left = side === 'end' ? from.right - width : from.left;
  const below = from.bottom + 4 + height <= innerHeight || from.top < height;
  node.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, below ? Math.min(from.bottom + 4, innerHeight - height - 8) : from.top - height - 4)}px`;
}
