// Jobs: how the queues are, and what failed for good.
import { get, post, remove } from '../api.js';
import { el } from '../dom.js';
import { when } from '../format.js';
import { every, ledger, mark } from '../settings/ledger.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';

const often = 3000; // ms between two looks

const names = {
  'webhook.deliver': 'Webhook delivery', 'webhook.spread': 'Webhooks of a change', 'email.send': 'E-mail', export: 'Export', 'search.staff': 'Search of a company’s people',
  'import.check': 'Check of an import', 'import.run': 'Import', 'import.undo': 'Undo of an import', 'bulk.run': 'Change of many records', 'bulk.undo': 'Undo of a change of many records',
};

export async function section() {
  const figures = el('div', { class: 'ledger-figures' });
  const empty = el('p', { class: 'muted' }, 'Nothing has failed for good.');
  const again = el('button', { class: 'button', onclick: async () => { const { jobs } = await post('/jobs/retry'); toast(jobs === 1 ? 'One job runs once more' : `${jobs} jobs run once more`); await look(); } }, 'Run all once more');
  const dead = ledger('Jobs that failed for good', {
    cells: (one) => [el('span', { class: 'main' }, el('b', {}, names[one.kind] ?? one.kind)), mark(one.tries === 1 ? 'one try' : `${one.tries} tries`, 'bad'), when(one.failedAt)],
    detail: async (one) => el('div', {}, el('pre', {}, one.fault),
      el('div', { class: 'ledger-tools' },
        el('button', { class: 'button small', onclick: async () => { await post(`/jobs/${one.id}/retry`); toast('It runs once more'); await look(); } }, 'Run once more'),
        el('button', { class: 'button small', onclick: async () => { await remove(`/jobs/${one.id}`); await look(); } }, 'Forget it'))),
    more: () => get('/jobs/dead'),
  });

  async function look() {
    const [now, count] = await Promise.all([get('/jobs'), dead.renew()]);
    const sum = (name) => now.queues.reduce((all, queue) => all + queue[name], 0);
    figures.replaceChildren(...[
      ['Waiting', sum('waiting') + now.outbox], ['Running', sum('running')], ['For later', sum('scheduled')], ['To be tried again', sum('retrying')],
      ['Done today', sum('done')], ['Failed tries today', sum('failed')], ['Workers', now.workers],
    ].map(([label, number]) => el('div', {}, el('b', {}, String(number)), el('span', {}, label))));
    empty.hidden = count > 0;
    again.hidden = !count;
  }
  await look();
  return {
    node: sheet('Jobs', 'What is done in the background: e-mail, imports, webhooks, reminders. What fails is tried again by itself.',
      figures, el('h3', {}, 'Failed for good'), empty, el('div', { class: 'ledger-tools' }, again), dead.node),
    close: every(often, look),
  };
}
