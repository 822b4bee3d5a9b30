// The page of one kind of record: a table with filters, sorts, columns, views,
// groups, editing in its cells, and work on many rows at once.
import { post } from '../api.js';
import { onRecord } from '../edit.js';
import { el, icon, style } from '../dom.js';
import { avatar, counted } from '../format.js';
import { massively } from '../live/own.js';
import { menu } from '../menu.js';
import { setTrail } from '../record/trail.js';
import { toast } from '../toast.js';
import { bulkBar } from './bulk.js';
import { cells } from './cell.js';
import { chips, leavesOf } from './chips.js';
import { allColumns, chooser, chosen } from './columns.js';
import { heads } from './heads.js';
import { follow } from './follow.js';
import { foot } from './foot.js';
import { source } from './load.js';
import { moves } from './moves.js';
import { peek } from './peek.js';
import { quickAdd } from './quickadd.js';
import { rows } from './rows.js';
import { schemaOf } from './schema.js';
import { selection } from './select.js';
import { viewTabs, viewsOf } from './views.js';
import { show as cellOf_ } from './values.js';

style(import.meta.url, './list.css');

const pause = 150; // ms without typing before searching, and before skeletons show

// listPage builds the page.
export async function listPage(subject, context) {
  const [schema, views] = await Promise.all([schemaOf(subject.kind), viewsOf(subject.kind).catch(() => [])]);
  const every = allColumns(subject, schema, context);
  const fieldOf = (name) => schema.fields.find((field) => field.name === name);
  const shown = { q: '', filter: {}, sort: '', groupBy: '', columns: chosen(every, null, subject), asked: [], typeOf: (name) => fieldOf(name)?.type };
  const data = source(subject, shown);
  let left; // the record that was opened last

  const count = el('span', { class: 'total', role: 'status' });
  const search = el('input', { type: 'search', placeholder: `Search ${subject.many}`, 'aria-label': `Search ${subject.many}`, autocomplete: 'off', spellcheck: 'false' });
  const body = el('tbody');
  const table = el('table', { class: `records ${subject.kind}` }, body);
  const state_ = el('div', { class: 'state', hidden: true });
  const more = el('button', { class: 'button more', hidden: true, onclick: () => further() }, 'Show more');
  const below = foot(subject, fieldOf);
  const scroller = el('div', { class: 'scroller' }, table, state_, more);
  const adding = quickAdd(subject, context, { added, closed: () => addButton.focus({ preventScroll: true }), span: () => shown.columns.length + 1 });
  const addButton = el('button', { class: 'button primary', 'data-testid': `add-${subject.one}`, hidden: !context.can('member'), onclick: add, 'aria-keyshortcuts': `c ${subject.create}` }, icon('plus'), el('span', {}, `Add ${subject.one}`));

  const picked = selection({ order: () => data.items.map(({ id }) => id), changed: selected });
  const bar = bulkBar(subject, context, { chosen: () => picked.chosen({ filter: shown.filter, q: shown.q, count: Number(data.total.replace('+', '')) }), done: () => load(), clear: () => picked.clear(), everything: () => picked.everything(), columns: () => every });
  const edits = cells(subject, context, { columns: () => shown.columns, show: draw, recordOf: data.find, cellOf });
  const side = peek(subject, context, { columns: () => every, close: () => glance(null), open });
  const filter = chips(schema, context, subject.kind, (node) => { shown.filter = node; keep(); load(); });
  const tabs = viewTabs(subject, context, views, { pick: (view) => { apply(view); keep(); load(); }, read: () => ({ filter: shown.filter, sort: shown.sort, columns: shown.asked, groupBy: shown.groupBy }) });
  const groupButton = el('button', { type: 'button', class: 'button small', 'aria-haspopup': 'menu', 'data-testid': 'group', onclick: group }, icon('group'), el('span', { class: 'label' }, 'Group'));
  const columnButton = el('button', { type: 'button', class: 'button small', 'aria-haspopup': 'dialog', 'data-testid': 'columns', onclick: () => chooser(columnButton, every, shown.columns, arrange) }, icon('columns'), el('span', { class: 'label' }, 'Columns'));
  const exportButton = el('button', { type: 'button', class: 'button small', 'aria-haspopup': 'menu', 'data-testid': 'export', onclick: takeOut }, icon('download'), el('span', { class: 'label' }, 'Export'));
  const lines = rows(body, scroller, { make: (entry) => (entry.section ? heading(entry.section) : row(data.find(entry.key) ?? entry.record)), columns: () => shown.columns.length + 1, keep: () => (adding.shown() ? [adding.node] : []), near: () => further() });
  const head = heads(table, { columns: () => shown.columns, sort: () => shown.sort, sortBy: (sort) => { shown.sort = sort; keep(); load(); }, resized: () => arrange(shown.columns, false), all: () => picked.all() });

  const node = el('section', { class: 'page listpage', 'aria-label': subject.title },
    el('header', { class: 'bar' }, el('h1', { tabindex: -1 }, subject.title), count, el('span', { class: 'spring' }),
      el('label', { class: 'search' }, icon('search'), search, el('kbd', {}, '/')), addButton),
    el('div', { class: 'listbar' }, tabs.node, el('span', { class: 'spring' }), tabs.save, filter.add, groupButton, columnButton, exportButton),
    filter.list,
    el('div', { class: 'listbody' }, el('div', { class: 'listmain' }, scroller, below.node, bar.node), side.node));
  side.node.hidden = true;

  // takeOut offers what is shown as a file, and to bring a table in.
  async function takeOut() {
    const { exportItems } = await import('../transfer/export.js');
    const what = () => ({ kind: subject.kind, columns: shown.columns.map(({ name }) => name), query: { q: shown.q, sort: shown.sort, filter: Object.keys(shown.filter).length ? JSON.stringify(shown.filter) : '' } });
    menu(exportButton, [...exportItems(what), ...(context.can('member') ? [null, { label: 'Import a table', icon: 'upload', href: '/import' }, { label: 'Find duplicates', icon: 'merge', href: `/duplicates?kind=${subject.kind}` }] : [])], { label: 'Export', side: 'end' });
  }

  // What is shown.
  function apply(view) {
    Object.assign(shown, { filter: view?.filter ?? {}, sort: view?.sort ?? '', groupBy: view?.groupBy ?? '', asked: view?.columns ?? [], view });
    shown.columns = chosen(every, shown.asked, subject);
    filter.set(shown.filter);
    lines.reset();
    head.draw();
  }
  // keep has the address say what is shown, and offers to save it as a view.
  function keep() {
    tabs.touched();
    const own = !shown.view;
    context.setQuery({ view: shown.view?.id, filter: own && Object.keys(shown.filter).length ? JSON.stringify(shown.filter) : '', sort: own ? shown.sort : '', group: own ? shown.groupBy : '' });
    head.draw();
    groupButton.classList.toggle('on', Boolean(shown.groupBy));
  }
  function arrange(next, again = true) {
    shown.columns = next;
    shown.asked = next.map(({ name, width }) => ({ name, width }));
    if (again) { lines.reset(); head.draw(); }
    tabs.touched();
    total();
  }
  function group() {
    const able = schema.fields.filter((field) => field.groupable && !['company', 'primaryPerson', 'name', 'firstName', 'lastName', 'address', 'title', 'createdBy', 'lostReason'].includes(field.name));
    menu(groupButton, [{ label: 'No groups', checked: !shown.groupBy, run: () => by('') }, null, ...able.map((field) => ({ label: field.label || field.name, checked: shown.groupBy === field.name, run: () => by(field.name) }))], { label: 'Group by' });
    function by(name) { shown.groupBy = name; keep(); load(); }
  }

  // Rows.
  function heading(section) {
    const field = fieldOf(shown.groupBy);
    const name = section.value === null ? el('span', { class: 'muted' }, `No ${(field.label || field.name).toLowerCase()}`) : groupName(field, section.value);
    return el('tr', { class: 'grouphead' }, el('th', { colspan: shown.columns.length + 1, scope: 'rowgroup' },
      el('button', { type: 'button', 'aria-expanded': String(section.open), onclick: () => { section.open = !section.open; lines.again(`g ${section.key}`); entries(); if (section.open && !section.whole) further(); } },
        icon(section.open ? 'chevron-down' : 'chevron-right'), name, el('span', { class: 'muted tabular' }, section.count.toLocaleString()))));
  }
  function groupName(field, value) {
    if (field.name === 'tags') return el('span', {}, data.items.flatMap((r) => r.tags ?? []).find(({ id }) => id === value)?.name ?? 'Tag');
    if (field.name === 'stage') return el('span', {}, data.items.find((r) => r.stageId === value)?.stageName ?? 'Stage');
    return cellOf_(field, field.type === 'bool' ? value === 'true' : value, context);
  }
  function row(record) {
    const name = subject.name(record);
    const box = el('input', { type: 'checkbox', tabindex: -1, checked: picked.has(record.id), 'aria-label': `Select ${name}`, onclick: (event) => picked.toggle(record.id, event.shiftKey) });
    return el('tr', { 'data-testid': `${subject.one}-row`, 'data-id': record.id, 'aria-selected': String(picked.has(record.id)), class: picked.has(record.id) ? 'picked' : null },
      el('td', { class: 'pick' }, box),
      shown.columns.map((column) => el('td', { class: column.className ?? '', 'data-column': column.name, tabindex: -1 }, column.cell ? column.cell(record) : [
        avatar(name, subject.shape),
        el('span', { class: 'names' },
          el('a', { href: `/${subject.kind}/${record.id}`, dir: 'auto', 'data-open': record.id }, name),
          el('span', { class: 'below', dir: 'auto' }, subject.below(record)))])));
  }
  function cellOf(id, name) { return lines.row(id)?.querySelector(`[data-column="${CSS.escape(name)}"]`); }
  function entries() {
    lines.set(data.sections.flatMap((section) => [
      ...(shown.groupBy ? [{ key: `g ${section.key}`, section }] : []),
      ...(section.open ? section.items.map((record) => ({ key: record.id, record })) : [])]));
  }
  // focused is what brings the keyboard back to the row and the cell where it is.
  function focused() {
    const id = body.contains(document.activeElement) && document.activeElement.closest('tr[data-id]')?.dataset.id;
    if (!id) return null;
    const held = document.activeElement.closest('td:not(.name)')?.dataset.column;
    return () => (held ? cellOf(id, held) : lines.row(id)?.querySelector('a[data-open]'))?.focus({ preventScroll: true });
  }
  let counting;
  // known has a list that is on its way asked for again: it may be of before a change.
  function known() { if (!data.begun) load(); }
  // draw shows a record anew, where it is.
  function draw(record) {
    data.replace(record);
    known();
    if (edits.editing()?.id === record.id) return; // what is being typed stays
    const back = lines.row(record.id)?.contains(document.activeElement) ? focused() : null;
    lines.again(record.id);
    back?.();
    if (!side.node.hidden && side.node.dataset.id === record.id) side.show(record);
    clearTimeout(counting);
    counting = setTimeout(total, pause);
  }
  function selected() {
    for (const tr of body.querySelectorAll('tr[data-id]')) {
      const on = picked.has(tr.dataset.id);
      tr.classList.toggle('picked', on);
      tr.setAttribute('aria-selected', String(on));
      tr.querySelector('.pick input').checked = on;
    }
    const whole = picked.size === data.items.length && data.more;
    bar.tell(picked.whole ? Number(data.total.replace('+', '')) : picked.size, whole && !picked.whole ? counted(data.total) : '');
    head.tell(picked.size, data.items.length);
  }

  // What is there.
  function say(...content) {
    state_.hidden = content.length === 0;
    state_.replaceChildren(...content);
  }
  function skeleton() {
    lines.set([]);
    body.append(...Array.from({ length: 8 }, () => el('tr', { class: 'skeleton', 'aria-hidden': 'true' }, el('td', { class: 'pick' }), shown.columns.map((column) => el('td', { class: column.className }, el('span'))))));
  }
  function empty() {
    if (data.sections.some(({ items, count }) => items.length || count) || adding.shown()) { say(); return; }
    if (shown.q) {
      say(el('h2', {}, 'No match'), el('p', {}, `Nothing begins with “${shown.q}”.`),
        el('button', { class: 'button', onclick: () => { search.value = ''; shown.q = ''; load(); } }, 'Clear the search'));
    } else if (Object.keys(shown.filter).length) {
      say(el('h2', {}, 'No match'), el('p', {}, `No ${subject.many} are as the filter says.`), el('button', { class: 'button', onclick: () => { shown.filter = {}; filter.set({}); keep(); load(); } }, 'Clear the filter'));
    } else {
      say(el('div', { class: 'bigicon' }, icon(subject.kind)), el('h2', {}, `No ${subject.many} yet`), el('p', {}, subject.empty), el('div', { class: 'choices' },
        context.can('member') ? el('button', { class: 'button primary', onclick: add }, icon('plus'), `Add the first ${subject.one}`) : null,
        subject.kind !== 'deals' && context.can('member') ? el('a', { class: 'button', href: '/import', 'data-nav': true }, icon('upload'), 'Import a file') : null,
        context.can('admin') ? el('button', { class: 'button', onclick: demo }, icon('ask'), 'Load demo records') : null));
    }
  }
  async function demo(event) {
    event.currentTarget.disabled = true;
    try {
      await massively(post('/demo'));
    } catch (problem) { toast(problem.message, { bad: true }); }
    load();
  }
  function tell() {
    count.textContent = data.total ? counted(data.total) : '';
    count.setAttribute('aria-label', `${count.textContent} ${subject.many}`);
    table.setAttribute('aria-rowcount', /^\d+$/.test(data.total) && !shown.groupBy ? Number(data.total) + 1 : -1);
  }
  function shift(by) {
    if (/^\d+$/.test(data.total)) data.total = String(Math.max(0, Number(data.total) + by));
    tell();
    total();
  }
  // total has the foot say what is listed now.
  function total() {
    below.show(data.total, shown.columns, { q: shown.q, ...(Object.keys(shown.filter).length ? { filter: JSON.stringify(shown.filter) } : {}) });
  }

  let waiting;
  async function load() {
    clearTimeout(waiting);
    waiting = setTimeout(() => { say(); if (!data.items.length) skeleton(); }, pause);
    picked.forget();
    table.setAttribute('aria-busy', 'true');
    try {
      await data.begin();
      await edits.ended(); // what is being typed in a cell stays
      arrived();
      const back = focused();
      lines.reset();
      entries();
      back?.();
      more.hidden = !data.more;
      tell();
      total();
      empty();
      selected();
      if (data.more && lines.short()) further();
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      arrived();
      if (fault.status === 401) return;
      lines.set([]);
      say(el('div', { class: 'bigicon' }, icon('warning')), el('h2', {}, `The ${subject.many} could not be loaded`), el('p', { role: 'alert' }, fault.message), el('button', { class: 'button', onclick: () => load() }, 'Try again'));
    }
  }
  function arrived() {
    clearTimeout(waiting);
    table.removeAttribute('aria-busy');
  }
  async function further() {
    try {
      if (!(await data.further())) return;
      entries();
      more.hidden = !data.more;
      if (data.more && lines.short()) further();
    } catch (fault) {
      if (fault.name !== 'AbortError' && fault.status !== 401) toast(`More could not be loaded: ${fault.message}`, { bad: true });
    }
  }
  // toEnd loads what is missing, so that the last row is the last there is. Of a
  // very long list it loads a part, and says how to go on.
  async function toEnd() {
    if (!data.more) return true;
    table.setAttribute('aria-busy', 'true');
    try {
      return await data.whole((n) => { entries(); below.say(`Loading: ${n.toLocaleString()} of ${counted(data.total)}`); });
    } catch (fault) {
      if (fault.name !== 'AbortError' && fault.status !== 401) toast(`More could not be loaded: ${fault.message}`, { bad: true });
      return true; // to the last that is here
    } finally {
      table.removeAttribute('aria-busy');
      more.hidden = !data.more;
      if (data.more && data.begun) below.say(`${data.items.length.toLocaleString()} of ${counted(data.total)} are here. End again loads more; sorted the other way, the last come first.`);
      else total();
    }
  }
  function add() {
    if (!context.can('member')) return;
    if (!adding.shown()) body.prepend(adding.node);
    say();
    scroller.scrollTop = 0;
    adding.focus();
  }
  function added(record) {
    if (data.find(record.id)) draw(record); // a socket was quicker
    else {
      data.put(record);
      entries();
      shift(1);
    }
    empty();
    known();
  }

  let timer;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => { shown.q = search.value.trim(); load(); }, pause);
  });
  search.addEventListener('keydown', (event) => { if (event.key === 'Enter') body.querySelector('a[data-open]')?.focus(); });
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) further(); }, { root: scroller, rootMargin: '400px' }).observe(more);

  function open(id) {
    setTrail(subject.kind, data.items.map((record) => record.id));
    left = id;
    context.go(`/${subject.kind}/${id}`);
  }
  // glance shows a record at the side, or nothing.
  function glance(id) {
    const record = id && data.find(id);
    side.node.hidden = !record;
    side.node.dataset.id = record?.id ?? '';
    if (record) side.show(record);
  }
  function remove(id) {
    if (!data.find(id)) return;
    data.drop(id);
    entries();
    shift(-1);
    empty();
    known();
  }
  const offs = [follow(subject, { find: data.find, draw, remove, reload: load }), onRecord((kind, id, record) => {
    if (kind !== subject.kind) return;
    if (!record) remove(id);
    else if (data.find(id)) draw(record);
    else load();
  })];
  moves({ subject, context, body, scroller, lines, data, edits, toEnd, picked, bar, search, add, open, glance, glancing: () => side.node.dataset.id, columns: () => shown.columns });

  const query = context.query;
  const first = views.find(({ id }) => id === query.get('view')) ?? (query.get('filter') || query.get('sort') || query.get('group') ? null : views.find((view) => view.default));
  tabs.show(first ?? null);
  apply(first ?? asked(query));
  if (!first) shown.view = null;
  tabs.touched();
  head.draw();
  load();
  return {
    node, keep: true,
    close() { data.stop(); clearTimeout(counting); for (const off of offs) off?.(); },
    resume: () => lines.reveal(left)?.querySelector('a[data-open]').focus({ preventScroll: true }),
  };
}

// asked is a list as an address says.
function asked(query) {
  let filter = {};
  try {
    filter = JSON.parse(query.get('filter') || '{}');
    leavesOf(filter);
  } catch { /* an address that somebody has cut off */ }
  return { filter, sort: query.get('sort') ?? '', groupBy: query.get('group') ?? '', columns: [] };
}
