// The demo accounts of the identity stand-in, in development.
import { el } from '../dom.js';
import { avatar } from '../format.js';

// demoAccounts is a place that fills with one button for each account.
export function demoAccounts(url, enter) {
  const list = el('div', { class: 'demos' });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const node = el('section', { class: 'demo', 'aria-label': 'Demo accounts', hidden: true },
    el('p', { class: 'muted small' }, 'Development: go in as'), list, fault);
  async function go(account) {
    fault.hidden = true;
    try {
      await enter(account);
    } catch (problem) {
      fault.textContent = problem.message;
      fault.hidden = false;
    }
  }
  fetch(url, { credentials: 'omit' }).then((r) => r.json()).then(({ accounts }) => {
    list.append(...accounts.map((account, i) => el('button', { class: 'account', id: i ? null : 'sign-in', 'data-testid': `demo-${account.role}`, onclick: () => go(account) },
      avatar(account.name), el('span', { class: 'who' }, account.name), el('span', { class: 'muted small' }, account.role))));
    node.hidden = false;
  }).catch(() => {}); // without them there is the form
  return node;
}
