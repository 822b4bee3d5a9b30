// Settings: how sending e-mail is going.
import * as api from '../api.js';
import { el, style } from '../dom.js';
import { when } from '../format.js';
import { sheet } from '../settings/sheet.js';

style(import.meta.url, './mail.css');

export async function section() {
  const health = await api.get('/emails/health');
  const row = (label, ...value) => el('div', {}, el('dt', {}, label), el('dd', {}, value));
  const bad = health.lastFailure;
  return { node: sheet('E-mail', health.configured ? 'Mail leaves through the mail server of this installation; answers go to whoever wrote.' : 'No mail server is set up. What is written is kept, and says so. Whoever runs this installation sets SMTP_URL and MAIL_FROM.',
    el('dl', { class: 'mail-health' },
      row('Mail server', health.configured ? 'Set up' : 'None'),
      health.from ? row('Sent from', health.from) : null,
      row('Waiting', health.waiting.toLocaleString()),
      row('Last success', health.lastSuccess ? when(health.lastSuccess) : 'None yet'),
      row('Last failure', bad ? [when(bad.finishedAt), ` to ${bad.to}`, el('p', { class: 'fault' }, bad.error)] : 'None'))) };
}
