// The timeline of a record: the box to write in, what is pinned, and what
// happened, day by day.
import { get } from '../api.js';
import { el, icon, style } from '../dom.js';
import { onRecord } from '../edit.js';
import { kindOf } from '../kinds.js';
import { failed, loading, state } from '../layout.js';
import { on } from '../live.js';
import { kind as tasks } from '../tasks/calls.js';
import { clock, dayName, zoneOf } from '../tasks/due.js';
import { toast } from '../toast.js';
import { composer } from './composer.js';
import { entry } from './entry.js';
import { reveal, unmark } from './found.js';

style(import.meta.url, './timeline.css');
style(import.meta.url, '../tasks/tasks.css');

const filters = [['', 'Everything'], ['note', 'Notes'], ['call,meeting', 'Calls and meetings'], ['email', 'E-mails'], ['field-change,stage-change,task', 'Changes']];
const page = 30;
const most = 200; // entries that one answer has

export function panel(context, given) {
  const { kind, subject } = given;
  let record = given.record;
  let items = [];
  let pinned = [];
  let next = '';
  let types = '';
  let turn = 0;
  let asking = false;
  let sought = context.query.get('entry') ?? ''; // what a search led to; the page begins with it
  let revealed = false;
  const write = context.can('member') ? composer(context, { kind: kindOf[kind], id: record.id }, added) : null;
  const chips = el('div', { class: 'linefilters', role: 'group', 'aria-label': 'Show' }, filters.map(([value, title]) => el('button', { 'aria-pressed': String(value === types), onclick: (event) => filter(value, event.currentTarget) }, title)));
  const lines = el('div', { class: 'lines-of-time' });
  const node = el('div', { class: 'timeline' }, write?.node, chips, lines);

  const fetchPage = (cursor) => get(`/${kind}/${record.id}/timeline`, { query: { limit: cursor ? page : Math.min(most, Math.max(page, items.length)), types, cursor, from: cursor ? '' : sought } });
  async function load() {
    const now = ++turn;
    const loaded = loading(lines, items.length ? 0 : 5);
    asking = true;
    try {
      const answer = await fetchPage('');
      if (now !== turn) return;
      ({ items } = answer);
      pinned = answer.pinned ?? [];
      next = answer.nextCursor ?? '';
      draw();
    } catch (problem) {
      if (now === turn && sought && problem.status === 404) newest(); // it is gone
      else if (now === turn) lines.replaceChildren(failed('The timeline', problem, load));
    } finally {
      loaded();
      if (now === turn) asking = false;
    }
  }
  function filter(value, button) {
    types = value;
    sought = '';
    items = [];
    for (const one of chips.children) one.setAttribute('aria-pressed', String(one === button));
    load();
  }
  // draw shows what is known; an entry that is being edited stays, unless it is done.
  function draw(done) {
    let edited = lines.querySelector('form')?.closest('.entry');
    if (edited?.dataset.id === done) edited = null;
    const held = edited?.contains(document.activeElement) ? document.activeElement : null;
    const draws = (activity) => {
      if (edited?.dataset.id !== activity.id) return entry(context, activity, { subject, record, kind, changed, gone });
      const node = edited;
      edited = null;
      return node;
    };
    const { date: today } = clock(zoneOf(context));
    const days = Map.groupBy(items, (activity) => clock(zoneOf(context), new Date(activity.occurredAt)).date);
    const written = items.some(({ type }) => type !== 'field-change');
    lines.replaceChildren(
      sought ? el('button', { class: 'button small more', 'data-testid': 'newest', onclick: newest }, icon('up'), 'Show the newest') : '',
      pinned.length ? el('section', { class: 'lineday pinned', 'aria-label': 'Pinned' }, el('h3', {}, 'Pinned'), el('ul', {}, pinned.map(draws))) : '',
      !written && !types && !sought && write ? state('phone', 'Log the first call', 'It takes 5 seconds: what was said, and save.', el('button', { class: 'button', onclick: () => write.begin('call') }, 'Log a call')) : '',
      ...[...days].map(([day, list]) => el('section', { class: 'lineday', 'aria-label': dayName(day, today) }, el('h3', {}, dayName(day, today)), el('ul', {}, list.map(draws)))),
      !items.length && (types || !write) ? el('p', { class: 'muted nothing' }, types ? 'Nothing of this kind yet.' : 'Nothing has happened here yet.') : '',
      next ? el('button', { class: 'button small more', onclick: showMore }, 'Show earlier') : '');
    held?.focus({ preventScroll: true });
    const found = sought && lines.querySelector(`[data-id="${CSS.escape(sought)}"]`);
    if (!found || revealed) return;
    revealed = true;
    reveal(found, context.query.get('find') ?? '');
  }
  function newest() {
    sought = '';
    context.setQuery({ entry: '', find: '' });
    unmark();
    return load();
  }
  async function showMore(event) {
    const now = turn;
    event.currentTarget.disabled = true;
    const answer = await fetchPage(next).catch((problem) => { toast(`More could not be loaded: ${problem.message}`, { bad: true }); });
    if (now !== turn) return;
    items = [...items, ...(answer?.items ?? [])];
    next = answer ? answer.nextCursor ?? '' : next;
    draw();
  }
  function added(activity) {
    if (sought) { newest(); return; }
    if (types && !types.split(',').includes(activity.type)) { filter('', chips.firstChild); return; }
    items = [activity, ...items].sort((a, b) => (a.occurredAt < b.occurredAt ? 1 : -1));
    know();
    given.refresh();
  }
  // know shows what was just done; an answer that is on its way may not have it.
  function know(done) {
    draw(done);
    if (asking) load();
  }
  function changed(activity) {
    const known = items.some(({ id }) => id === activity.id);
    items = known ? items.map((one) => (one.id === activity.id ? activity : one)) : [activity, ...items].sort((a, b) => (a.occurredAt < b.occurredAt ? 1 : -1));
    pinned = [...pinned.filter(({ id }) => id !== activity.id), ...(activity.pinned ? [activity] : [])];
    know(activity.id);
  }
  function gone(activity) {
    items = items.filter(({ id }) => id !== activity.id);
    pinned = pinned.filter(({ id }) => id !== activity.id);
    know(activity.id);
  }

  for (const definition of write?.commands() ?? []) context.command(definition);
  // hear shows what a colleague adds or moves.
  function hear({ id, near }) {
    const here = near?.some((one) => one.kind === kindOf[kind] && one.id === record.id);
    if (here && !items.some((one) => one.id === id)) load();
  }
  const offs = [onRecord((of) => { if (of === tasks) load(); }), on('activity.added', hear), on('deal.moved', hear)];
  load();
  return {
    node,
    update(fresh) {
      const changedBefore = fresh.version !== record.version;
      record = fresh;
      if (changedBefore) load();
    },
    close: () => { for (const off of offs) off(); unmark(); },
  };
}
