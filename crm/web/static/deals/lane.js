// A lane: a stage, what its deals come to, and their cards in order.
import { get } from '../api.js';
import { el, icon } from '../dom.js';
import { money, sums } from '../money.js';
import { card } from './card.js';
import { quickAdd } from './quick.js';

// lane draws one lane of the board's answer. board has what is common to all;
// adding is the form of the lane that was here before, and what is typed in it.
export function lane(given, board, adding = quickAdd(given.stage, board)) {
  const { stage } = given;
  const state = { items: [...given.items], count: given.count, sums: given.sums.map((s) => ({ ...s })), cursor: given.nextCursor ?? '', busy: false };
  const count = el('span', { class: 'count' });
  const total = el('p', { class: 'sum' });
  const list = el('ul', { class: 'cards', 'aria-label': stage.name });
  const more = el('button', { class: 'link more', onclick: further, hidden: true });
  adding.added = (deal) => { show(deal, true); list.querySelector(`[data-id="${deal.id}"] a`)?.scrollIntoView({ block: 'nearest' }); };
  const add = el('button', { class: 'quiet', 'aria-label': `Add a deal to ${stage.name}`, title: `Add a deal to ${stage.name}`, 'data-testid': 'lane-add', onclick: () => adding.open() }, icon('plus'));
  const scroll = el('div', { class: 'scroll' }, adding.node, list, more);
  const node = el('section', { class: `lane ${stage.kind}`, 'data-stage': stage.id, 'aria-label': stage.name, 'data-testid': 'lane' },
    el('header', {}, el('h2', { dir: 'auto' }, stage.name), count, el('span', { class: 'spring' }), board.context.can('member') ? add : null), total, scroll);

  function tell() {
    count.textContent = String(state.count);
    count.setAttribute('aria-label', state.count === 1 ? '1 deal' : `${state.count} deals`);
    const whole = sums(state.sums);
    const weighted = stage.kind === 'open' ? sums(state.sums, 'weightedMinor') : '';
    total.replaceChildren(...(whole ? [el('b', { title: state.sums.map((s) => money(s.amountMinor, s.currency)).join(' + ') }, whole), weighted ? el('span', { title: `Weighted by the chance of ${stage.probability} %` }, `${weighted} weighted`) : ''] : [el('span', {}, stage.kind === 'open' ? `${stage.probability} %` : ' ')]));
    more.hidden = !state.cursor;
    more.textContent = `Show more of ${state.count}`;
  }
  // shift takes a deal into the sums, or out of them.
  function shift(deal, by) {
    state.count += by;
    let sum = state.sums.find((s) => s.currency === deal.currency);
    if (!sum) state.sums.push(sum = { currency: deal.currency, count: 0, amountMinor: 0, weightedMinor: 0 });
    sum.count += by;
    sum.amountMinor += by * deal.amountMinor;
    sum.weightedMinor += by * Math.round(deal.amountMinor * stage.probability / 100);
    state.sums = state.sums.filter((s) => s.count > 0);
    tell();
  }
  const slotOf = (id) => list.querySelector(`:scope > [data-id="${id}"]`);
  const find = (id) => state.items.find((deal) => deal.id === id);

  // show puts a deal where its rank says, unless that is further down than
  // what has been loaded. fresh: it was not in the lane's sums before.
  function show(deal, fresh) {
    const old = find(deal.id);
    if (old) shift(old, -1);
    if (old || fresh) shift(deal, 1);
    state.items = state.items.filter(({ id }) => id !== deal.id);
    let at = state.items.findIndex((other) => other.rank > deal.rank);
    if (at < 0) at = state.items.length;
    const before = slotOf(deal.id);
    const held = before?.contains(document.activeElement);
    if (at === state.items.length && state.cursor) { before?.remove(); return; }
    const next = state.items.slice(at).map(({ id }) => slotOf(id)).find(Boolean) ?? null; // the next one may be in a hand
    state.items.splice(at, 0, deal);
    const drawn = card(deal, board.context);
    before?.remove();
    list.insertBefore(drawn, next);
    if (held) drawn.firstChild.focus({ preventScroll: true });
  }
  function take(id) {
    const deal = find(id);
    if (!deal) return undefined;
    state.items = state.items.filter((other) => other.id !== id);
    slotOf(id)?.remove();
    shift(deal, -1);
    return deal;
  }
  async function further() {
    if (state.busy || !state.cursor) return;
    state.busy = true;
    try {
      const page = await get('/deals', { query: { ...board.query(), stageId: stage.id, sort: 'rank', limit: 50, cursor: state.cursor } });
      const known = new Set(state.items.map(({ id }) => id));
      const fresh = page.items.filter(({ id }) => !known.has(id));
      state.cursor = page.nextCursor ?? '';
      state.items.push(...fresh);
      list.append(...fresh.map((deal) => card(deal, board.context)));
      tell();
    } finally {
      state.busy = false;
    }
  }
  new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) further(); }, { root: scroll, rootMargin: '300px' }).observe(more);

  list.append(...state.items.map((deal) => card(deal, board.context)));
  tell();
  return { stage, node, list, scroll, find, show, take, slotOf, adding, add: () => adding.open(), get items() { return state.items; }, get count() { return state.count; } };
}
