// The e-mails of a record, and what became of each.
import * as api from '../api.js';
import { el, icon, style } from '../dom.js';
import { when } from '../format.js';
import { kindOf } from '../kinds.js';
import { into, state } from '../layout.js';
import { toast } from '../toast.js';
import { compose } from './compose.js';

style(import.meta.url, './mail.css');

const saying = { queued: 'On its way', held: 'Kept', sent: 'Sent', bounced: 'Bounced', failed: 'Not sent', unsure: 'Unclear' };
const settles = 1500; // ms, after which a mail that was on its way is looked at again

export function panel(context, { kind, record }) {
  const node = el('div', { class: 'mail-list' });
  let closed = false;
  const write = () => compose(context, { kind, record, sent: () => load() });
  const load = into(node, () => api.get('/emails', { query: { kind: kindOf[kind], id: record.id } }), ({ items }) => {
    if (closed) return;
    const may = context.can('member');
    const opened = new Set([...node.querySelectorAll('details[open]')].map(({ dataset }) => dataset.id));
    if (!items.length) {
      node.replaceChildren(state('mail', 'No e-mail yet', 'What you write from here is sent, and stands in the timeline.', may ? el('button', { class: 'button primary', 'data-testid': 'mail-write', onclick: write }, 'Write an e-mail') : null));
      return;
    }
    node.replaceChildren(el('header', {}, el('span', { class: 'total' }, `${items.length} ${items.length === 1 ? 'e-mail' : 'e-mails'}`), el('span', { class: 'spring' }),
      may ? el('button', { class: 'button small', 'data-testid': 'mail-write', onclick: write }, icon('mail'), 'Write') : null),
    el('ul', {}, items.map((mail) => entry(mail, opened.has(mail.id)))));
    if (items.some((mail) => mail.status === 'queued')) setTimeout(() => closed || load().catch(() => {}), settles);
  });
  const entry = (mail, open) => el('li', {}, el('details', { open, 'data-id': mail.id },
    el('summary', {}, el('b', { dir: 'auto' }, mail.subject), el('span', { class: `mail-status ${mail.status}`, 'data-testid': 'mail-status' }, saying[mail.status]), el('span', { class: 'muted small' }, when(mail.createdAt))),
    el('p', { class: 'muted small' }, `To ${mail.to}, by ${context.who(mail.createdBy)}`),
    mail.error ? el('p', { class: 'fault' }, mail.error) : null,
    el('pre', { dir: 'auto' }, mail.text),
    ['held', 'failed', 'unsure', 'bounced'].includes(mail.status) && context.can('member') ? el('button', { class: 'button small', onclick: () => again(mail) }, 'Send again') : null));
  async function again(mail) {
    try {
      await api.post(`/emails/${mail.id}/send`);
      await load();
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  load().catch((problem) => node.replaceChildren(el('p', { class: 'fault', role: 'alert' }, problem.message)));
  return { node, close() { closed = true; } };
}
