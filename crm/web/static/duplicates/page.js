// Pairs of records that may be the same: each is merged, or told apart.
import { get } from '../api.js';
import { el, icon, style } from '../dom.js';
import { onRecord } from '../edit.js';
import { avatar } from '../format.js';
import { failed, loading, page, state } from '../layout.js';
import { kindOf } from '../kinds.js';
import { subjects } from '../subjects.js';
import { toast } from '../toast.js';
import { apart, compare, likeness } from './compare.js';

style(import.meta.url, '../list/list.css');
style(import.meta.url, './duplicates.css');

export async function open(context) {
  let subject = subjects[context.query.get('kind')] ?? subjects.people;
  let pairs = [];
  let last; // of what was asked for: only its answer counts
  const total = el('span', { class: 'total', role: 'status' });
  const list = el('ul', { class: 'pairs', 'aria-label': 'Pairs' });
  const below = el('div');
  const tabs = el('div', { class: 'viewtabs', role: 'group', 'aria-label': 'Kind' });
  const node = page('Duplicates', { beside: total, className: 'duplicates' }, el('div', { class: 'listbar' }, tabs), el('div', { class: 'scroller' }, list, below));

  function drawTabs() {
    tabs.replaceChildren(...Object.values(subjects).map((one) => el('button', { type: 'button', class: 'viewtab', 'aria-pressed': String(one === subject), 'data-testid': `twins-${one.kind}`, onclick: () => pick(one) }, icon(one.kind), one.title)));
  }
  function pick(next) {
    subject = next;
    context.setQuery({ kind: next.kind });
    drawTabs();
    list.replaceChildren();
    below.replaceChildren();
    load();
  }
  async function load() {
    const asked = {};
    last = asked;
    const loaded = loading(below, list.children.length ? 0 : 4);
    try {
      const answer = await get('/duplicates', { query: { kind: kindOf[subject.kind] } });
      if (asked !== last) return;
      const at = rowNow();
      const { testid } = document.activeElement?.dataset ?? {};
      pairs = answer.items;
      const unsure = pairs.findIndex((pair) => !pair.sure);
      list.replaceChildren(...pairs.flatMap((pair, i) => (i === unsure ? [heading(), line(pair)] : [line(pair)])));
      if (at >= 0) focus(at, testid);
      tell(answer.more);
    } catch (problem) {
      if (problem.status !== 401 && asked === last) { list.replaceChildren(); below.replaceChildren(failed('Duplicates', problem, load)); }
    } finally {
      loaded();
    }
  }
  function tell(more) {
    total.textContent = pairs.length ? `${pairs.length}${more ? '+' : ''}` : '';
    total.setAttribute('aria-label', `${total.textContent || 'no'} pairs`);
    if (pairs.length) below.replaceChildren(more ? el('p', { class: 'muted small pairsmore' }, 'There are more: they come as these are dealt with.') : '');
    else below.replaceChildren(state('check', `No two ${subject.many} look the same`, 'When a name, an address, a number or the like comes twice, both are here to compare.'));
  }
  const side = (record) => el('a', { class: 'pairside', href: `/${subject.kind}/${record.id}`, 'data-nav': true }, avatar(subject.name(record), subject.shape),
    el('span', { class: 'called' }, el('strong', { dir: 'auto' }, subject.name(record)), el('span', { class: 'muted small', dir: 'auto' }, subject.below(record))));
  const heading = () => el('li', { class: 'pairhead muted small' }, el('strong', {}, 'Perhaps the same'), ` Names that differ by a letter or two${subject.kind === 'people' ? ', of one company or one domain of mail' : ''}.`);
  function line(pair) {
    const node = el('li', { class: 'pair', 'data-testid': 'pair' }, side(pair.a), side(pair.b), el('span', { class: 'muted small why' }, likeness(pair.why)),
      context.can('member') ? el('span', { class: 'pairdo' },
        el('button', { type: 'button', class: 'button small', 'data-testid': 'apart', onclick: () => part(pair, node) }, 'Not the same'),
        el('button', { type: 'button', class: 'button small', 'data-testid': 'merge', 'aria-haspopup': 'dialog', onclick: () => merge(pair) }, icon('merge'), 'Compare')) : null);
    return node;
  }
  function merge(pair) {
    compare(context, subject, [pair.a, pair.b], { merged: () => after(pairs.indexOf(pair)), parted: load });
  }
  async function part(pair, node) {
    const { kind } = subject;
    const at = rows().indexOf(node);
    await apart(kindOf[kind], pair.a, pair.b, true);
    toast(`${subjects[kind].name(pair.a)} and ${subjects[kind].name(pair.b)} stay two`, { undo: async () => { await apart(kindOf[kind], pair.a, pair.b, false); await load(); } });
    await after(at);
  }
  // after shows what is left, with the keyboard where it was.
  async function after(at) {
    await load();
    focus(at, 'merge');
  }
  const rows = () => [...list.querySelectorAll('.pair')];
  const rowNow = () => rows().indexOf(document.activeElement?.closest?.('.pair'));
  function focus(at, testid) {
    const row = rows()[Math.min(Math.max(at, 0), rows().length - 1)];
    (row?.querySelector(`[data-testid="${testid}"]`) ?? row?.querySelector('a') ?? node.querySelector('h1')).focus();
    row?.scrollIntoView({ block: 'nearest' });
  }
  function step(by) {
    focus(rowNow() < 0 ? 0 : rowNow() + by, 'merge');
  }
  context.command({ id: 'pair.next', title: 'Next pair', group: 'Duplicates', keys: ['j', 'ArrowDown'], run: () => step(1) });
  context.command({ id: 'pair.before', title: 'Pair before', group: 'Duplicates', keys: ['k', 'ArrowUp'], run: () => step(-1) });
  context.command({ id: 'pair.apart', title: 'Not the same', group: 'Duplicates', keys: 'x', run: () => document.activeElement?.closest('.pair')?.querySelector('[data-testid="apart"]')?.click() });

  drawTabs();
  await load();
  // What is changed or undone elsewhere may make a pair, or end one.
  let timer;
  const off = onRecord((kind) => {
    if (kind !== subject.kind) return;
    clearTimeout(timer);
    timer = setTimeout(load, 400);
  });
  return { node, close: () => { off(); clearTimeout(timer); } };
}
