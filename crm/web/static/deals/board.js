// The board: a lane for each stage, and what can be done with cards.
import { get } from '../api.js';
import { el, icon } from '../dom.js';
import { onRecord } from '../edit.js';
import { failed, loading, page } from '../layout.js';
import { menu } from '../menu.js';
import { sums } from '../money.js';
import { setTrail } from '../record/trail.js';
import { close, move } from './act.js';
import { drag } from './drag.js';
import { filters } from './filters.js';
import { ghosts } from './ghosts.js';
import { lane } from './lane.js';
import { lift } from './lift.js';

const patience = 100; // ms until it is asked again whether a hand is free

// board builds the page for the pipelines that there are.
export async function board(context, pipelines) {
  const chosen = () => pipelines.find(({ id }) => id === (context.query.get('pipeline') ?? localStorage.getItem('pipeline'))) ?? pipelines[0];
  const self = { context, pipeline: chosen(), query, reload: load, lanes: [], laneOf, dealOf, show, place, moved, say, narrowed: () => narrowed.active(), lifting: () => (held.active ?? lifted.active)?.deal.id };
  const head = el('span', { class: 'total', role: 'status' });
  const spoken = el('p', { class: 'spoken', 'aria-live': 'assertive' });
  const place_ = el('div', { class: 'lanes', 'data-testid': 'board' });
  const narrowed = filters(context, load);
  const which = el('button', { class: 'button', 'aria-haspopup': 'menu', 'data-testid': 'pipeline', onclick: choose });
  const add = el('button', { class: 'button primary', 'data-testid': 'add-deal', 'aria-label': 'Add deal', onclick: addDeal, 'aria-keyshortcuts': 'c d' }, icon('plus'), el('span', { class: 'label' }, 'Add deal'));
  const node = page('Deals', { className: 'board', beside: head, actions: [which, narrowed.node, context.can('member') ? add : null] }, place_,
    el('p', { id: 'board-keys', class: 'spoken' }, 'Space lifts the deal, arrows move it, Space puts it down. W: won. Shift W: lost. Enter opens it.'), spoken);
  const lifted = lift(self, place_);
  const held = drag(self, place_);
  let asking;
  let changes = 0; // made here, of which an answer that is on its way may not know

  function query() { return { pipelineId: self.pipeline.id, ...narrowed.query() }; }
  function say(text) { spoken.textContent = text; }
  function laneOf(stageId) { return self.lanes.find(({ stage }) => stage.id === stageId); }
  function dealOf(id) {
    for (const one of self.lanes) {
      const deal = one.find(id);
      if (deal) return deal;
    }
    return undefined;
  }
  // show draws a deal where it is now; from elsewhere it may be new to the board.
  function show(deal) {
    changes++;
    const old = dealOf(deal.id);
    const target = !deal.deletedAt && deal.pipelineId === self.pipeline.id ? laneOf(deal.stageId) : null;
    if (old && old.stageId !== target?.stage.id) laneOf(old.stageId).take(deal.id);
    for (const slot of place_.querySelectorAll(`[data-id="${deal.id}"]`)) if (slot.parentNode !== target?.list) slot.remove(); // a card that a hand left there
    target?.show(deal, !old || old.stageId !== deal.stageId);
    tell();
  }
  // place moves a deal behind another of a lane, or to its top, and sends that.
  function place(deal, stage, afterId, options = {}) {
    const after = afterId && laneOf(stage.id).find(afterId);
    // Nothing lies between a rank and the same with a 0 behind it.
    return move(context, deal, stage, { afterId: after ? after.id : null, rank: after ? `${after.rank}0` : '', show, ...options });
  }
  // moved is whether a deal would be elsewhere there.
  function moved(deal, stageId, afterId) {
    if (deal.stageId !== stageId) return true;
    const items = laneOf(stageId).items;
    return (items[items.findIndex(({ id }) => id === deal.id) - 1]?.id ?? null) !== (afterId ?? null);
  }
  function tell() {
    const open = self.lanes.filter(({ stage }) => stage.kind === 'open');
    const count = open.reduce((sum, one) => sum + one.count, 0);
    head.textContent = count ? String(count) : '';
    head.setAttribute('aria-label', `${count} open deals`);
    ghosts(self, place_);
  }
  async function load() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const loaded = loading(place_, 0);
    which.replaceChildren(el('span', { dir: 'auto' }, self.pipeline.name), icon('chevron-down'));
    which.hidden = pipelines.length < 2;
    try {
      const answer = await still(signal);
      const tops = new Map(self.lanes.map((one) => [one.stage.id, one.scroll.scrollTop]));
      const held = place_.contains(document.activeElement) ? document.activeElement : null;
      const focused = held?.closest('[data-id]')?.dataset.id;
      self.lanes = answer.lanes.map((one) => lane(one, self, laneOf(one.stage.id)?.adding));
      place_.replaceChildren(...self.lanes.map((one) => one.node));
      for (const one of self.lanes) one.scroll.scrollTop = tops.get(one.stage.id) ?? 0;
      if (focused) place_.querySelector(`[data-id="${focused}"] a`)?.focus({ preventScroll: true });
      else if (held?.isConnected) held.focus({ preventScroll: true });
      tell();
    } catch (problem) {
      if (problem.name === 'AbortError' || problem.status === 401) return;
      place_.replaceChildren(failed('The board', problem, load));
    } finally {
      loaded();
    }
  }
  // still is the board as the server has it while nothing is changed here, nor in a hand.
  async function still(signal) {
    for (;;) {
      const before = changes;
      const answer = await get('/deals/board', { query: query(), signal });
      while (self.lifting()) await new Promise((done) => setTimeout(done, patience));
      signal.throwIfAborted();
      if (changes === before) return answer;
    }
  }
  function choose() {
    menu(which, pipelines.map((one) => ({ label: one.name, checked: one.id === self.pipeline.id, run: () => {
      self.pipeline = one;
      localStorage.setItem('pipeline', one.id);
      context.setQuery({ pipeline: one.id });
      load();
    } })), { label: 'Pipeline' });
  }
  function addDeal() {
    const first = self.lanes.find(({ stage }) => stage.kind === 'open');
    place_.querySelector('.ghost')?.parentNode.remove();
    first?.add();
  }
  const off = onRecord((kind, id, deal) => {
    if (kind !== 'deals' || self.lifting() === id) return; // what is in the hand is not taken out of it
    const old = dealOf(id);
    if (deal) show(deal);
    else if (old) { changes++; laneOf(old.stageId).take(id); tell(); }
  });
  place_.addEventListener('click', (event) => {
    const slot = event.target.closest('.slot');
    if (slot) setTrail('deals', laneOf(dealOf(slot.dataset.id)?.stageId)?.items.map(({ id }) => id) ?? []);
  });
  bindKeys(self, place_, addDeal);
  await load();
  return { node, keep: true, resume: load, close: () => { off(); held.close(); } };
}

// bindKeys gives the board its commands; those on a deal are about the card
// that has the focus.
function bindKeys(self, root, addDeal) {
  const { context } = self;
  const group = 'Deals';
  const current = () => self.dealOf(document.activeElement?.closest?.('.slot')?.dataset.id);
  const closing = (kind) => {
    const deal = current();
    if (!deal || !context.can('member')) return false;
    close(context, deal, kind, self.lanes.map(({ stage }) => stage), self.show).then(() => root.querySelector(`[data-id="${deal.id}"] a`)?.focus());
    return true;
  };
  context.command({ id: 'create.deal', title: 'New deal', short: 'Deal', group: 'Create', keys: 'c d', icon: 'deals', order: 30, when: () => context.can('member'), run: addDeal });
  context.command({ id: 'deal.won', title: 'Mark the deal as won', group, keys: 'w', icon: 'won', run: () => closing('won') });
  context.command({ id: 'deal.lost', title: 'Mark the deal as lost', group, keys: 'Shift+w', icon: 'close', run: () => closing('lost') });
  context.command({ id: 'deal.first', title: 'Go to the first card', group, keys: ['j', 'ArrowDown'], hidden: true, run: () => (current() ? false : root.querySelector('.deal')?.focus()) });
}
