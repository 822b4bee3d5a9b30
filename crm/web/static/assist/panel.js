// The assistant beside a record: what there is to know, from which activities,
// and what it proposes.
import { get, post } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { when } from '../format.js';
import { kindOf } from '../kinds.js';
import { bones, loading } from '../layout.js';
import { on } from '../live.js';
import { draftMail } from './draft.js';
import { findTasks } from './notes.js';
import { proposalList } from './proposals.js';
import { source } from './source.js';
import { by, calm } from './words.js';

style(import.meta.url, './assist.css');

export function panel(context, given) {
  const target = { kind: kindOf[given.kind], id: given.record.id };
  const able = context.can('member');
  const summary = el('div', { class: 'summary', 'aria-live': 'polite', 'data-testid': 'summary' });
  const proposed = el('div', { class: 'proposed' });
  const tools = el('div', { class: 'tools', hidden: !able },
    el('button', { type: 'button', class: 'button small', 'data-testid': 'find-tasks', onclick: () => findTasks(context, target, { done: changed }) }, icon('tasks'), 'Notes to tasks'),
    el('button', { type: 'button', class: 'button small', 'data-testid': 'draft-mail', onclick: () => draftMail(context, target, given.kind === 'companies' ? target.id : given.record.companyId) }, icon('mail'), 'Draft e-mail'));
  const node = el('div', { class: 'assist', 'data-testid': 'assist' }, summary, proposed, tools);
  let closed = false;
  let shown = null; // the summary

  async function begin() {
    const loaded = loading(summary, 3);
    try {
      draw(await get('/ai/summary', { query: target }));
    } catch (problem) {
      summary.replaceChildren(calm(problem, begin, context));
    } finally {
      loaded();
    }
  }
  async function ask(fresh) {
    const before = shown;
    summary.classList.add('asking');
    summary.replaceChildren(bones(4), el('p', { class: 'muted small' }, 'Reading the timeline…'));
    try {
      draw(await post('/ai/summary', { ...target, fresh }));
    } catch (problem) {
      if (before?.text) draw(before);
      else summary.replaceChildren();
      summary.prepend(calm(problem, () => ask(fresh), context));
    } finally {
      summary.classList.remove('asking');
    }
  }
  function draw(s) {
    shown = s;
    if (!s.text) {
      summary.replaceChildren(el('p', { class: 'muted' }, s.enough ? 'No summary yet.' : 'A summary needs at least one note, call or meeting.'),
        ...(s.enough && able ? [el('button', { type: 'button', class: 'button small', 'data-testid': 'sum-up', onclick: () => ask(false) }, icon('ask'), 'Sum up')] : []));
      return;
    }
    summary.replaceChildren(
      el('p', { class: 'text', dir: 'auto' }, s.text),
      s.points.length ? el('ul', { class: 'points' }, s.points.map((p) => el('li', { dir: 'auto' }, `${p.text} `, p.sources.map(source)))) : '',
      el('p', { class: 'age' }, s.stale ? el('span', { class: 'stale' }, 'Something has changed since. ') : null, when(s.at), ' · ', by(s.model), el('span', { class: 'spring' }),
        able ? iconButton('refresh', 'Sum up again', () => ask(true)) : null));
  }
  async function readProposals() {
    const { items } = await get('/proposals', { query: { targetKind: target.kind, targetId: target.id, limit: 20 } }).catch(() => ({ items: [] }));
    const shown = items.filter(({ kind }) => kind !== 'action').reverse();
    if (closed) return;
    proposed.replaceChildren(...(shown.length ? [el('h3', {}, 'Proposed'), proposalList(context, shown, { decided: changed })] : []));
    proposed.querySelector('ul')?.addEventListener('empty', () => proposed.replaceChildren());
  }
  // What was accepted may have changed the record.
  function changed(proposal) {
    if (!proposal) { readProposals(); return; }
    if (proposal.status === 'accepted' && proposal.kind === 'field') given.refresh();
    if (!proposed.querySelector('li')) proposed.replaceChildren();
  }
  // again reads what the summary is worth now that something was added, unless one is being made.
  async function again() {
    if (closed || summary.classList.contains('asking')) return;
    const now = await get('/ai/summary', { query: target }).catch(() => null);
    if (now && !closed && !summary.classList.contains('asking') && JSON.stringify(now) !== JSON.stringify(shown)) draw(now);
  }
  const off = on('activity.added', ({ near }) => { if (near?.some((one) => one.kind === target.kind && one.id === target.id)) again(); });
  begin();
  readProposals();
  return { node, update: () => { if (shown && !shown.enough) again(); }, close: () => { closed = true; off(); } };
}
