// What to do next, on Home: by rules, worded by a model if one may be asked.
import { post } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { toast } from '../toast.js';
import { available, by, pathOf } from './words.js';

style(import.meta.url, './assist.css');

export async function card(context) {
  if (!context.can('member')) return null;
  const found = await post('/ai/next-actions', { worded: false }).catch(() => null);
  if (!found?.items.length) return null;
  const list = el('ul', { class: 'nextactions' });
  const model = el('span');
  const node = el('div', { class: 'next', 'data-testid': 'next-actions' }, el('header', {}, el('h2', {}, 'Next best actions'), el('span', { class: 'spring' }), model), list);
  list.replaceChildren(...found.items.map(row));
  word();

  function row(item) {
    const line = el('li', { 'data-id': item.id },
      icon(item.target.kind === 'deal' ? 'deals' : item.target.kind === 'company' ? 'companies' : 'person'),
      el('a', { href: `/${pathOf[item.target.kind]}/${item.target.id}`, 'data-nav': true, class: 'what', dir: 'auto' }, el('strong', {}, item.payload.title), el('span', { class: 'why' }, item.text)),
      iconButton('check', `Add as a task: ${item.payload.title}`, () => decide(line, item, 'accept', 'Added to your tasks')),
      iconButton('close', `Dismiss: ${item.payload.title}`, () => decide(line, item, 'dismiss', 'Dismissed')));
    return line;
  }
  async function decide(line, item, verb, told) {
    line.remove();
    if (!list.children.length) list.append(el('li', { class: 'muted' }, 'All done.'));
    try {
      await post(`/proposals/${item.id}/${verb}`, verb === 'accept' ? {} : undefined);
      toast(told);
    } catch (problem) {
      list.prepend(line);
      toast(problem.message, { bad: true });
    }
  }
  // The rules' own words are there at once; a model's take their place.
  async function word() {
    if (!await available()) return;
    const worded = await post('/ai/next-actions', { worded: true }).catch(() => null);
    for (const item of worded?.items ?? []) {
      const why = list.querySelector(`[data-id="${item.id}"] .why`);
      if (why) why.textContent = item.text;
    }
    model.replaceChildren(by(worded?.model) ?? '');
  }
  return { node };
}
