// Webhooks: which addresses are told of what, and how that went.
import { get, patch, post, remove } from '../api.js';
import { el, icon } from '../dom.js';
import { when } from '../format.js';
import { state } from '../layout.js';
import { overlay, sure } from '../overlay.js';
import { ledger, mark } from '../settings/ledger.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';

export async function section(context, rest) {
  return rest ? log(context, rest) : { node: await all(context) };
}

const stateOf = (hook) => {
  if (!hook.active) return mark(hook.disabledWhy ? `Off: ${hook.disabledWhy}` : 'Off', hook.disabledWhy ? 'bad' : '');
  return hook.failingSince ? mark('Failing', 'bad') : mark('On', 'good');
};

async function all(context) {
  const { items } = await get('/webhooks');
  const add = el('button', { class: 'button primary', onclick: () => edit(context) }, icon('plus'), 'Add a webhook');
  if (!items.length) {
    return sheet('Webhooks', null, state('hook', 'No webhooks yet', 'A webhook tells another system of every change, signed, within moments.', add));
  }
  return sheet('Webhooks', 'Other systems that are told of changes. Each message is signed as Standard Webhooks says.',
    el('div', { class: 'ledger-tools' }, add),
    el('ul', { class: 'ledger', 'aria-label': 'Webhooks' }, items.map((hook) => el('li', {}, el('a', { class: 'entry', href: `/settings/webhooks/${hook.id}`, 'data-nav': true },
      el('span', { class: 'main' }, el('b', {}, hook.url)), el('span', { class: 'small' }, hook.events.join(', ')), stateOf(hook))))));
}

// edit asks for an address and events; a new webhook then shows its secret.
function edit(context, hook) {
  const url = el('input', { name: 'url', type: 'url', required: true, maxlength: 500, placeholder: 'https://example.com/crm', value: hook?.url ?? '', autofocus: true });
  const events = el('input', { name: 'events', value: hook?.events.join(', ') ?? '*', placeholder: 'person.created, deal.*' });
  const fault = el('p', { class: 'fault', role: 'alert' });
  const form = el('form', { class: 'ledger-form', onsubmit: async (event) => {
    event.preventDefault();
    const draft = { url: url.value.trim(), events: events.value.split(/[\s,]+/).filter(Boolean) };
    try {
      const saved = hook ? await patch(`/webhooks/${hook.id}`, draft, { version: hook.version }) : await post('/webhooks', draft);
      shown.close();
      if (saved.secret) secret(context, saved);
      else context.go(`/settings/webhooks/${saved.id}`, { replace: true });
    } catch (problem) { fault.textContent = problem.message; }
  } },
  el('label', { class: 'field' }, el('span', {}, 'Address'), url),
  el('label', { class: 'field' }, el('span', {}, 'Events ', el('em', {}, '* is all; deal.* is all of deals')), events),
  fault, el('div', { class: 'ends' }, el('button', { class: 'button primary' }, hook ? 'Save' : 'Add')));
  const shown = overlay(hook ? 'Change the webhook' : 'Add a webhook', form, { size: 'small' });
}

function secret(context, hook) {
  const copy = el('button', { class: 'button', type: 'button', onclick: async () => { await navigator.clipboard.writeText(hook.secret); toast('Copied'); } }, 'Copy');
  overlay('The secret, shown this once', el('div', { class: 'ledger-form' },
    el('p', {}, 'The receiver checks with it that messages are from here.'),
    el('div', { class: 'secret' }, el('code', { 'data-testid': 'secret' }, hook.secret), copy)),
  { size: 'small', onclose: () => context.go(`/settings/webhooks/${hook.id}`) });
}

const outcome = (one) => {
  if (one.status === 'delivered') return mark(`${one.answer} in ${one.tookMs} ms`, 'good');
  if (one.status === 'failed') return mark(one.fault || 'Failed', 'bad');
  return one.attempts ? mark(`${one.fault}; tried again`, 'bad') : mark('On its way');
};

// log is one webhook: what it is, and what was sent to it.
async function log(context, id) {
  const hook = await get(`/webhooks/${id}`);
  const list = ledger('Deliveries', {
    cells: (one) => [el('span', { class: 'main' }, el('b', {}, one.event)), outcome(one), when(one.createdAt)],
    detail: async (one) => {
      const full = await get(`/deliveries/${one.id}`);
      return el('div', {}, el('pre', {}, JSON.stringify(full.body, null, 2)), full.answerText ? el('p', { class: 'small muted' }, `It answered: ${full.answerText}`) : null,
        el('button', { class: 'button small', onclick: async () => { await post(`/deliveries/${one.id}/replay`); toast('Sent anew'); await list.begin(); } }, 'Send anew'));
    },
    more: (cursor) => get(`/webhooks/${id}/deliveries`, { query: { cursor } }),
  });
  const empty = el('p', { class: 'muted' }, 'Nothing was sent yet.');
  const refresh = async () => { empty.hidden = (await list.begin()) > 0; };
  const tools = [
    ['Send a test', async () => { await post(`/webhooks/${id}/test`); toast('A test is on its way'); setTimeout(refresh, 1000); }],
    [hook.active ? 'Switch off' : 'Switch on', async () => { await patch(`/webhooks/${id}`, { active: !hook.active }, { version: hook.version }); context.go(`/settings/webhooks/${id}`, { replace: true }); }],
    ['Change', () => edit(context, hook)],
    ['New secret', async () => { if (await sure('Make a new secret?', { text: 'Messages are signed with it from now on; the receiver needs it.', yes: 'Make it' })) secret(context, await post(`/webhooks/${id}/secret`)); }],
    ['Delete', async () => {
      if (!await sure('Delete this webhook?', { text: 'Its log goes too.', yes: 'Delete', danger: true })) return;
      await remove(`/webhooks/${id}`, { version: (await get(`/webhooks/${id}`)).version });
      context.go('/settings/webhooks');
    }],
  ];
  await refresh();
  return { node: sheet(hook.url, hook.events.join(', '),
    el('p', {}, stateOf(hook)),
    el('div', { class: 'ledger-tools' }, tools.map(([label, run]) => el('button', { class: 'button', onclick: run }, label))),
    empty, list.node) };
}
