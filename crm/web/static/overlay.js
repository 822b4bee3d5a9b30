// What lies over a page: one at a time has the keyboard, Escape closes it, and
// the focus goes back to where it was.
import { el, icon } from './dom.js';

export const overlaid = () => document.querySelector('dialog[open], .menu');

// overlay shows node under a title. place is 'center', 'top' or 'side'; size
// 'small', 'medium' or 'large'; bare leaves out the head. If dirty() says that
// something is typed, leaving asks first. It returns {close, node}.
export function overlay(title, node, { place = 'center', size = 'medium', bare = false, onclose, name, dirty } = {}) {
  const before = document.activeElement;
  let pressed = null; // a selection that ends outside is no press there
  const head = el('header', {}, el('h2', {}, title), el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: leave }, icon('close')));
  const dialog = el('dialog', {
    class: ['overlay', place, size, name].filter(Boolean).join(' '), 'aria-label': title,
    onpointerdown: (event) => { pressed = event.target; },
    onclick: (event) => event.target === dialog && pressed === dialog && leave(),
    oncancel: (event) => { if (event.target === dialog && dirty?.()) { event.preventDefault(); leave(); } },
    onclose: () => { dialog.remove(); if (before?.isConnected) before.focus({ preventScroll: true }); onclose?.(); },
  }, el('div', { class: 'sheet' }, bare ? null : head, el('div', { class: 'content' }, node)));
  function close() { if (dialog.open) dialog.close(); }
  async function leave() {
    if (!dirty?.() || await sure('Throw away what you typed?', { text: 'It is not saved yet.', yes: 'Throw away', no: 'Go on writing', danger: true })) close();
  }
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
