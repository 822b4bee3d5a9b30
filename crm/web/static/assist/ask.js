// Ask: a question in words becomes a filter, which is shown, can be taken
// apart, and is used on the list.
import { get, post } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { kindOf } from '../kinds.js';
import { bones } from '../layout.js';
import { overlay } from '../overlay.js';
import { subjects } from '../subjects.js';
import { toast } from '../toast.js';
import { by, calm } from './words.js';

style(import.meta.url, './assist.css');

const examples = ['My open deals over 10k', 'People without an e-mail', 'Companies added this month', 'Deals closing next month'];
const ops = { '=': 'is', '!=': 'is not', '>': 'more than', '>=': 'at least', '<': 'less than', '<=': 'at most', in: 'is any of', notIn: 'is none of', contains: 'contains', startsWith: 'begins with', empty: 'is empty', notEmpty: 'is not empty' };
const leavesOf = (node) => (!node ? [] : node.f ? [node] : node.and ?? node.or ?? []);
const spaced = (name) => name.replace(/^cf\./, '').replace(/([A-Z])/g, ' $1').toLowerCase().replace(/^./, (c) => c.toUpperCase());

export function run(context) {
  const input = el('input', { type: 'text', enterkeyhint: 'search', name: 'question', autocomplete: 'off', maxlength: 500, placeholder: 'Ask in your own words', 'aria-label': 'Question', dir: 'auto', 'data-testid': 'question' });
  const answer = el('div', { class: 'answer', 'aria-live': 'polite' }, el('div', { class: 'examples' }, examples.map((text) => el('button', { type: 'button', class: 'example', onclick: () => { input.value = text; ask(); } }, text))));
  const form = el('form', { class: 'askform', onsubmit: (event) => { event.preventDefault(); ask(); } }, icon('ask'), input);
  const shown = overlay('Ask', el('div', { class: 'ask' }, form, answer), { place: 'top', size: 'large', bare: true, name: 'assist' });
  const read = get('/schema').then(({ items }) => items, () => []); // one can ask before it is there
  let schema = [];
  let turn = 0;

  async function ask() {
    if (!input.value.trim()) return;
    const mine = ++turn;
    answer.replaceChildren(bones(4));
    try {
      const reading = await post('/ai/query', { question: input.value });
      schema = await read;
      if (mine === turn) await understood(reading, mine);
    } catch (problem) {
      if (mine === turn) answer.replaceChildren(calm(problem, ask, context));
    }
  }
  async function understood(reading, mine) {
    if (!reading.understood) {
      answer.replaceChildren(el('p', { class: 'muted pad', 'data-testid': 'not-understood' }, icon('info'), reading.explanation || 'That could not be put into a filter.'));
      return;
    }
    const either = Boolean(reading.filter?.or);
    await result(reading.kind, leavesOf(reading.filter), either, reading.model, mine);
  }
  async function result(kind, leaves, either, model, mine) {
    const subject = subjects[kind];
    const filter = leaves.length > 1 ? { [either ? 'or' : 'and']: leaves } : leaves[0] ?? {};
    const chips = el('div', { class: 'askchips', role: 'group', 'aria-label': 'Filter', 'data-testid': 'ask-chips' },
      el('span', { class: 'askkind' }, icon(subject.icon), subject.title),
      leaves.map((leaf, i) => [i ? el('span', { class: 'muted small' }, either ? 'or' : 'and') : null, el('span', { class: 'askchip' }, el('span', { dir: 'auto' }, told(kind, leaf)),
        iconButton('close', `Take away: ${told(kind, leaf)}`, () => result(kind, leaves.filter((one) => one !== leaf), either, model, ++turn)))]), el('span', { class: 'spring' }), by(model));
    const rows = el('div', { class: 'askrows' }, bones(5));
    const text = JSON.stringify(filter);
    const query = leaves.length ? { filter: text } : {};
    const href = `/${kind}${leaves.length ? `?${new URLSearchParams(query)}` : ''}`;
    answer.replaceChildren(chips, rows, el('footer', { class: 'askfoot' },
      el('button', { type: 'button', class: 'button small', 'data-testid': 'ask-open', onclick: () => { shown.close(); context.go(href); } }, 'Open as a list'),
      context.can('member') ? el('button', { type: 'button', class: 'button small', 'data-testid': 'ask-save', onclick: () => save(kind, filter, href) }, 'Save as a view') : null));
    try {
      const page = await subject.calls.list({ ...query, limit: 12, count: 'exact' });
      if (mine !== turn) return;
      rows.replaceChildren(
        el('p', { class: 'muted small pad', 'data-testid': 'ask-count' }, page.items.length ? `${page.total} found` : 'None matches.'),
        el('ul', {}, page.items.map((record) => el('li', {}, el('a', { href: `/${kind}/${record.id}`, 'data-nav': true, onclick: () => shown.close() },
          el('strong', { dir: 'auto' }, subject.name(record)), el('span', { class: 'muted', dir: 'auto' }, subject.below(record)))))));
    } catch (problem) {
      if (mine === turn) rows.replaceChildren(el('p', { class: 'fault pad', role: 'alert' }, problem.message));
    }
  }
  function told(kind, leaf) {
    const field = schema.find(({ path }) => path === kind)?.fields.find(({ name }) => name === leaf.f);
    const label = field?.label || spaced(leaf.f);
    const one = (v) => (v === 'me' ? 'me' : field?.type === 'money' || leaf.f === 'amount' ? (v / 100).toLocaleString() : field?.type === 'member' ? context.who(v) : /^[0-9a-f-]{36}$/.test(v) ? 'chosen' : typeof v === 'string' ? spaced(v).toLowerCase() : String(v));
    const value = leaf.v === undefined ? '' : ` ${[leaf.v].flat().map(['contains', 'startsWith'].includes(leaf.op) ? (v) => `“${v}”` : one).join(', ')}`;
    return `${label} ${ops[leaf.op]}${value}`;
  }
  async function save(kind, filter, href) {
    const view = await post('/views', { kind: kindOf[kind], name: input.value.slice(0, 80), shared: false, filter, sort: '', columns: [], layout: 'table', groupBy: '' }).catch((problem) => toast(problem.message, { bad: true }));
    if (!view?.id) return;
    toast(`Saved as “${view.name}”`, { action: { label: 'Open', run: () => context.go(href) } });
    shown.close();
  }
}
