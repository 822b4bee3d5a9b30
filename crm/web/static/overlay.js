// What lies over a page: one at a time has the keyboard, Escape closes it, and
// the focus goes back to where it was.
import { el, icon } from './dom.js';

export const overlaid = () => document.querySelector('dialog[open], .menu');

// overlay shows node under a title. place is 'center', 'top' or 'side'; size
// 'small', 'medium' or 'large'; bare leaves out the head. It returns {close, node}.
export function overlay(title, node, { place = 'center', size = 'medium', bare = false, onclose, name } = {}) {
  const before = document.activeElement;
  const head = el('header', {}, el('h2', {}, title), el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: () => close() }, icon('close')));
  const dialog = el('dialog', {
    class: ['overlay', place, size, name].filter(Boolean).join(' '), 'aria-label': title,
    onclick: (event) => event.target === dialog && close(),
    onclose: () => { dialog.remove(); if (before?.isConnected) before.focus({ preventScroll: true }); onclose?.(); },
  }, el('div', { class: 'sheet' }, bare ? null : head, el('div', { class: 'content' }, node)));
  function close() { if (dialog.open) dialog.close(); }
  document.body.append(dialog);
  dialog.showModal();
  (node.querySelector?.('[autofocus]') ?? node.querySelector?.('input, textarea, select') ?? dialog).focus();
  return { close, node: dialog };
}

// sure asks a question and resolves to whether the answer was yes.
export function sure(title, { text, yes = 'Yes', no = 'Cancel', danger = false } = {}) {
  return new Promise((answer) => {
    let said = false;
    const say = () => { said = true; shown.close(); };
    const shown = overlay(title, el('div', { class: 'question' },
      text ? el('p', {}, text) : null,
      el('div', { class: 'ends' },
        el('button', { type: 'button', class: 'button', onclick: () => shown.close() }, no),
        el('button', { type: 'button', class: danger ? 'button danger' : 'button primary', autofocus: true, onclick: say }, yes))),
    { size: 'small', onclose: () => answer(said) });
  });
}
