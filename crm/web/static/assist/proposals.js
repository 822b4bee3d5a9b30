// Proposals, as what they would change: to be accepted, edited first, or
// dismissed.
import { post } from '../api.js';
import { shortDay } from '../day.js';
import { el, icon, iconButton } from '../dom.js';
import { toast } from '../toast.js';
import { jump } from './source.js';

// proposalList shows proposals; decided(proposal) is told of each decision.
export function proposalList(context, items, { decided } = {}) {
  const node = el('ul', { class: 'proposals', 'aria-label': 'Proposals' });
  node.append(...items.map((item) => proposal(context, item, (done) => {
    decided?.(done);
    if (!node.children.length) node.dispatchEvent(new Event('empty'));
  })));
  return node;
}

function proposal(context, item, decided) {
  const able = context.can('member');
  const what = el('div', { class: 'what' });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const node = el('li', { class: 'proposal', 'data-testid': 'proposal' }, el('span', { class: 'sign', 'aria-hidden': 'true' }, item.kind === 'field' ? '±' : '+'), what);
  const name = item.kind === 'field' ? item.payload.label : item.payload.title;
  const buttons = able ? el('div', { class: 'verdict' },
    iconButton('check', `Accept: ${name}`, () => accept({}), { 'data-testid': 'accept' }),
    iconButton('edit', `Edit: ${name}`, edit),
    iconButton('close', `Dismiss: ${name}`, dismiss)) : null;

  function show() {
    const { payload, evidence } = item;
    const from = evidence.find((one) => one.quote);
    const quote = from && (from.activityId
      ? el('button', { type: 'button', class: 'quote', dir: 'auto', title: 'Show where this is from', onclick: () => jump(from.activityId) }, `“${from.quote}”`)
      : el('span', { class: 'quote', dir: 'auto' }, `“${from.quote}”`));
    what.replaceChildren(item.kind === 'field'
      ? el('span', { class: 'diff', dir: 'auto' }, `${payload.label}: `, payload.was ? [el('del', {}, payload.was), ' '] : null, el('ins', {}, payload.value))
      : el('span', { class: 'diff', dir: 'auto' }, el('ins', {}, payload.title), payload.dueDate ? el('time', { datetime: payload.dueDate }, icon('calendar'), shortDay(payload.dueDate)) : null),
    ...(quote ? [quote] : []), fault);
    node.replaceChildren(node.firstChild, what, ...(buttons ? [buttons] : []));
  }
  function edit() {
    const { payload } = item;
    const first = el('input', { name: 'title', value: item.kind === 'field' ? payload.value : payload.title, maxlength: 300, 'aria-label': item.kind === 'field' ? payload.label : 'Task' });
    const due = item.kind === 'field' ? null : el('input', { type: 'date', name: 'due', value: payload.dueDate ?? '', 'aria-label': 'Due date' });
    const form = el('form', { class: 'field editing', onsubmit: (event) => {
      event.preventDefault();
      accept(item.kind === 'field' ? { value: first.value } : { title: first.value, dueDate: due.value });
    }, onkeydown: (event) => { if (event.key === 'Escape') { event.stopPropagation(); event.preventDefault(); show(); } } },
    first, due, el('div', { class: 'ends' }, el('button', { type: 'button', class: 'button small', onclick: show }, 'Cancel'), el('button', { class: 'button small primary' }, 'Accept')), fault);
    node.replaceChildren(node.firstChild, form);
    first.select();
  }
  async function accept(values) {
    await decide('accept', values, item.kind === 'field' ? `${item.payload.label} changed` : 'Task added');
  }
  async function dismiss() { await decide('dismiss', undefined, 'Dismissed'); }
  async function decide(verb, values, told) {
    if (node.classList.contains('busy')) return;
    node.classList.add('busy');
    fault.hidden = true;
    try {
      const done = await post(`/proposals/${item.id}/${verb}`, values);
      const next = (node.nextElementSibling ?? node.previousElementSibling)?.querySelector('button');
      node.remove();
      next?.focus();
      toast(told);
      decided(done);
    } catch (problem) {
      fault.textContent = problem.status === 412 ? 'Somebody has changed this meanwhile.' : problem.message;
      fault.hidden = false;
    } finally {
      node.classList.remove('busy');
    }
  }
  show();
  return node;
}
