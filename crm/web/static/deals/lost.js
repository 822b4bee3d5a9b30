// Asks why a deal was lost.
import { el } from '../dom.js';
import { overlay } from '../overlay.js';

const usual = ['Price', 'No budget', 'No decision', 'Chose another', 'Bad timing', 'No answer'];

// whyLost resolves to a reason, or to null if nothing is lost after all.
export function whyLost(deal) {
  return new Promise((answer) => {
    let said = null;
    const reason = el('input', { name: 'reason', maxlength: 200, autocomplete: 'off', dir: 'auto', autofocus: true });
    const fault = el('span', { class: 'fault', role: 'alert', hidden: true }, 'Say in a few words why.');
    const pick = (word) => { reason.value = word; reason.focus(); };
    const submit = (event) => {
      event.preventDefault();
      said = reason.value.trim() || null;
      fault.hidden = Boolean(said);
      if (said) shown.close();
    };
    const shown = overlay(`Why was “${deal.title}” lost?`, el('form', { class: 'sheetform whylost', onsubmit: submit, novalidate: true },
      el('div', { class: 'usual' }, usual.map((word) => el('button', { type: 'button', class: 'button small', onclick: () => pick(word) }, word))),
      el('label', { class: 'field' }, el('span', {}, 'Reason'), reason, fault),
      el('div', { class: 'ends' }, el('button', { type: 'button', class: 'button', onclick: () => shown.close() }, 'Cancel'), el('button', { class: 'button primary', 'data-testid': 'mark-lost' }, 'Mark as lost'))),
    { size: 'small', onclose: () => answer(said) });
  });
}
