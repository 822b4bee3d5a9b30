// How far a deal has come: its stages, which are also the buttons to move it.
import { get } from '../api.js';
import { el, icon, style } from '../dom.js';
import { menu } from '../menu.js';
import { close, move, reopen } from './act.js';
import { daysIn } from './card.js';

style(import.meta.url, './record.css');

export async function panel(context, given) {
  const able = context.can('member');
  const pipelines = (await get('/pipelines')).items;
  const node = el('div', { class: 'stepper', 'data-testid': 'stepper' });
  const show = (deal) => given.show(deal);
  const go = (stage) => move(context, given.record, stage, { rank: '', show });
  let stages = [];

  function step(stage, at, deal) {
    const now = stages.findIndex(({ id }) => id === deal.stageId);
    const state = stage.id === deal.stageId ? 'now' : at < now && deal.status === 'open' ? 'done' : deal.status === 'won' ? 'done' : '';
    return el('li', { class: state }, el('button', {
      type: 'button', 'aria-current': state === 'now' ? 'step' : null, disabled: !able || state === 'now', title: `${stage.name}, ${stage.probability} %`, onclick: () => go(stage),
    }, el('span', { dir: 'auto' }, stage.name)));
  }
  function ends(deal) {
    if (deal.status !== 'open') {
      return el('div', { class: 'ends' }, el('span', { class: `ended ${deal.status}` }, icon(deal.status === 'won' ? 'won' : 'close'), deal.status === 'won' ? 'Won' : 'Lost', deal.lostReason ? el('span', { class: 'muted', dir: 'auto' }, deal.lostReason) : null),
        able && el('button', { type: 'button', class: 'button small', 'data-testid': 'reopen', onclick: () => reopen(context, given.record, show) }, 'Reopen'));
    }
    if (!able) return '';
    return el('div', { class: 'ends' },
      el('button', { type: 'button', class: 'button small', 'data-testid': 'won', title: 'Won (w)', onclick: () => end('won') }, icon('won'), 'Won'),
      el('button', { type: 'button', class: 'button small', 'data-testid': 'lost', title: 'Lost (Shift w)', onclick: () => end('lost') }, 'Lost'));
  }
  const end = (kind) => { close(context, given.record, kind, stages, show); };
  function others(deal) {
    if (pipelines.length < 2 || !able) return null;
    const button = el('button', { type: 'button', class: 'link small', 'aria-haspopup': 'menu', onclick: () => menu(button, pipelines.map((one) => ({
      label: one.name, checked: one.id === deal.pipelineId, run: () => one.id !== deal.pipelineId && go(one.stages[0]) })), { label: 'Pipeline' }) },
    pipelines.find(({ id }) => id === deal.pipelineId)?.name ?? 'Pipeline');
    return button;
  }
  function update(deal) {
    stages = pipelines.find(({ id }) => id === deal.pipelineId)?.stages ?? [];
    const days = daysIn(deal);
    const held = node.contains(document.activeElement);
    node.replaceChildren(
      el('ol', { 'aria-label': 'Stages' }, stages.filter(({ kind }) => kind === 'open').map((stage, at) => step(stage, at, deal))),
      ends(deal),
      el('p', { class: deal.stale ? 'since stale' : 'since' }, deal.status === 'open' ? `${days === 0 ? 'Since today' : days === 1 ? 'For 1 day' : `For ${days} days`} in ${deal.stageName}${deal.stale ? ', longer than it should be' : ''}` : '', others(deal)));
    if (held) (node.querySelector('[aria-current]') ?? node.querySelector('button:not(:disabled)'))?.focus();
  }
  if (able) bind();
  function bind() {
    context.command({ id: 'deal.won', title: 'Mark this deal as won', group: 'Deals', keys: 'w', icon: 'won', run: () => end('won') });
    context.command({ id: 'deal.lost', title: 'Mark this deal as lost', group: 'Deals', keys: 'Shift+w', icon: 'close', run: () => end('lost') });
    context.command({ id: 'deal.stage', title: 'Move this deal to another stage', group: 'Deals', keys: 's', icon: 'board', run: () => {
      menu(node.querySelector('[aria-current]') ?? node, stages.map((stage) => ({ label: stage.name, checked: stage.id === given.record.stageId, run: () => stage.id !== given.record.stageId && go(stage) })), { label: 'Stage' });
    } });
  }
  update(given.record);
  return { node, update };
}
