// Webhooks: which addresses are told of what, and how that went.
import { get, patch, post, remove } from '../api.js';
import { el, icon } from '../dom.js';
import { when } from '../format.js';
import { state } from '../layout.js';
import { overlaid, overlay, sure } from '../overlay.js';
import { every, ledger, mark } from '../settings/ledger.js';
import { copyable } from '../settings/parts.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';

const often = 2000; // ms between two looks at what became of deliveries

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
  const save = el('button', { class: 'button primary', 'data-testid': 'webhook-save' }, hook ? 'Save' : 'Add');
  const form = el('form', { class: 'ledger-form', onsubmit: async (event) => {
    event.preventDefault();
    if (save.disabled) return; // one press, one webhook
    save.disabled = true;
    const draft = { url: url.value.trim(), events: events.value.split(/[\s,]+/).filter(Boolean) };
    try {
      const saved = hook ? await patch(`/webhooks/${hook.id}`, draft, { version: hook.version }) : await post('/webhooks', draft);
      shown.close();
      if (saved.secret) secret(context, saved);
      else context.go(`/settings/webhooks/${saved.id}`, { replace: true });
    } catch (problem) { fault.textContent = problem.message; save.disabled = false; }
  } },
  el('label', { class: 'field' }, el('span', {}, 'Address'), url),
  el('label', { class: 'field' }, el('span', {}, 'Events ', el('em', {}, '* is all; deal.* is all of deals')), events),
  fault, el('div', { class: 'ends' }, save));
  const shown = overlay(hook ? 'Change the webhook' : 'Add a webhook', form, { size: 'small' });
}

function secret(context, hook) {
  const at = `/settings/webhooks/${hook.id}`;
  overlay('The secret, shown this once', el('div', { class: 'ledger-form' },
    el('p', {}, 'The receiver checks with it that messages are from here.'), copyable('The secret', hook.secret)),
  { size: 'small', onclose: () => context.go(at, { replace: location.pathname === at }) });
}

const outcome = (one) => {
  if (one.status === 'delivered') return mark(`${one.answer} in ${one.tookMs} ms`, 'good');
  if (one.status === 'failed') return mark(one.fault || 'Failed', 'bad');
  return one.attempts ? mark(`${one.fault}; tried again`, 'bad') : mark('On its way');
};

// log is one webhook: what it is, and what was sent to it.
async function log(context, id) {
  const at = `/webhooks/${id}`;
  const here = () => context.go(`/settings${at}`, { replace: true });
  const hook = await get(at);
  const shown = el('p', { role: 'status', 'data-testid': 'webhook-state' }, stateOf(hook));
  const empty = el('p', { class: 'muted' }, 'Nothing was sent yet.');
  const list = ledger('Deliveries', {
    cells: (one) => [el('span', { class: 'main' }, el('b', {}, one.event)), outcome(one), when(one.createdAt)],
    detail: (one) => sent(one, renew),
    more: (cursor) => get(`${at}/deliveries`, { query: { cursor } }),
  });
  async function renew() { empty.hidden = (await list.renew()) > 0; }
  async function look() {
    const [now] = await Promise.all([get(at), renew()]);
    if (now.version !== hook.version && !overlaid()) here();
    else if (now.failingSince !== hook.failingSince) { hook.failingSince = now.failingSince; shown.replaceChildren(stateOf(now)); }
  }
  const tools = [
    ['Send a test', async () => { await post(`${at}/test`); toast('A test is on its way'); await renew(); }],
    [hook.active ? 'Switch off' : 'Switch on', async () => { await patch(at, { active: !hook.active }, { version: hook.version }); here(); }],
    ['Change', () => edit(context, hook)],
    ['New secret', async () => { if (await sure('Make a new secret?', { text: 'Messages are signed with it from now on; the receiver needs it.', yes: 'Make it' })) secret(context, await post(`${at}/secret`)); }],
    ['Delete', async () => {
      if (!await sure('Delete this webhook?', { text: 'Its log goes too.', yes: 'Delete', danger: true })) return;
      await remove(at, { version: (await get(at)).version });
      context.go('/settings/webhooks');
    }],
  ];
  empty.hidden = (await list.begin()) > 0;
  return {
    node: sheet(hook.url, hook.events.join(', '), shown,
      el('div', { class: 'ledger-tools' }, tools.map(([label, run]) => el('button', { class: 'button', onclick: run }, label))),
      empty, list.node),
    close: every(often, look),
  };
}

// sent is what a delivery was, and how it was answered.
async function sent(one, renew) {
  const full = await get(`/deliveries/${one.id}`);
  const again = async () => { await post(`/deliveries/${one.id}/replay`); toast('Sent anew'); await renew(); };
  return el('div', {}, el('pre', {}, JSON.stringify(full.body, null, 2)), full.answerText ? el('p', { class: 'small muted' }, `It answered: ${full.answerText}`) : null,
    el('button', { class: 'button small', onclick: again }, 'Send anew'));
}
