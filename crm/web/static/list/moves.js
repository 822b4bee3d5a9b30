// The list by keyboard and mouse: which row and which cell, and what is done there.

// moves binds the keys of a list and the clicks in its body.
export function moves({ subject, context, body, scroller, lines, data, edits, toEnd, picked, bar, search, add, open, glance, glancing, columns }) {
  const group = subject.title;
  const rowNow = () => document.activeElement?.closest?.('tr[data-id]');
  const idNow = () => rowNow()?.dataset.id;
  const cellNow = () => document.activeElement?.closest?.('td[data-column]');
  const isName = (td) => td?.classList.contains('name');
  const focus = (td) => (isName(td) ? td.querySelector('a[data-open]') : td)?.focus({ preventScroll: true });

  // What had the focus may have been scrolled out of the page.
  let held;
  body.addEventListener('focusin', (event) => { held = { id: event.target.closest('tr[data-id]')?.dataset.id, column: event.target.closest('td[data-column]')?.dataset.column }; });
  const away = () => (document.activeElement === document.body && held?.id && !lines.row(held.id) ? held : {});

  // step goes from row to row, in the column where it is.
  function step(by, range) {
    const ids = data.items.map(({ id }) => id);
    const at = ids.indexOf(idNow() ?? away().id);
    const next = ids[at < 0 && Number.isFinite(by) ? 0 : Math.min(Math.max(at + by, 0), ids.length - 1)];
    const column = cellNow()?.dataset.column ?? away().column;
    const tr = next && lines.reveal(next);
    if (!tr) return;
    if (range) picked.toggle(next, true);
    focus(column ? tr.querySelector(`[data-column="${CSS.escape(column)}"]`) : tr.querySelector('td.name'));
    if (glancing()) glance(next);
  }
  // aside goes from cell to cell in the row.
  function aside(by) {
    const tds = [...(rowNow()?.querySelectorAll('td[data-column]') ?? [])];
    const at = tds.indexOf(cellNow());
    if (at < 0) return false;
    focus(tds[Math.min(Math.max(at + by, 0), tds.length - 1)]);
    tds[Math.min(Math.max(at + by, 0), tds.length - 1)].scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return true;
  }
  function edit() {
    const id = idNow();
    if (!id) return false;
    const name = cellNow()?.dataset.column;
    const column = columns().find((one) => one.name === name);
    return edits.edit(id, edits.can(column) ? name : edits.first());
  }
  function some(action) {
    if (!picked.size && idNow()) picked.toggle(idNow());
    if (!picked.size) return false;
    bar.actions[action].focus();
    bar.actions[action].click();
    return true;
  }
  body.addEventListener('click', (event) => {
    const tr = event.target.closest('tr[data-id]');
    if (!tr || event.metaKey || event.ctrlKey || event.target.closest('.celledit, .pick, a:not([data-open])')) return;
    const td = event.target.closest('td[data-column]');
    const narrow = body.closest('table').querySelector('thead').offsetHeight === 0;
    if (event.target.closest('a[data-open]') || isName(td) || narrow) {
      event.preventDefault();
      open(tr.dataset.id);
    } else if (document.activeElement === td && event.detail === 1 && td.dataset.armed) {
      edits.edit(tr.dataset.id, td.dataset.column);
    } else {
      td.focus({ preventScroll: true });
      td.dataset.armed = 'yes';
      td.addEventListener('blur', () => { delete td.dataset.armed; }, { once: true });
    }
  });
  body.addEventListener('dblclick', (event) => {
    const td = event.target.closest('td[data-column]');
    if (td && !isName(td) && !event.target.closest('a, .celledit')) edits.edit(td.parentNode.dataset.id, td.dataset.column);
  });
  const bind = (id, title, keys, run, more = {}) => context.command({ id: `list.${id}`, title, group, keys, run, ...more });
  context.command({ id: `create.${subject.one}`, title: `New ${subject.one}`, short: subject.one[0].toUpperCase() + subject.one.slice(1), group: 'Create', keys: `c ${subject.create}`, icon: subject.icon, order: 10, when: () => context.can('member'), run: add });
  context.command({ id: 'search', title: `Search ${subject.many}`, group, keys: '/', icon: 'search', run: () => search.focus() });
  bind('down', 'Next row', ['j', 'ArrowDown'], () => step(1));
  bind('up', 'Row before', ['k', 'ArrowUp'], () => step(-1));
  bind('page-down', 'A window further', 'PageDown', () => step(lines.visible()), { hidden: true });
  bind('page-up', 'A window back', 'PageUp', () => step(-lines.visible()), { hidden: true });
  bind('first', 'First row', 'Home', () => { scroller.scrollTop = 0; step(-Infinity); });
  bind('last', 'Last row', 'End', () => { toEnd().then((same) => same && step(Infinity)); });
  bind('further', 'Select on to the next row', ['Shift+ArrowDown', 'Shift+j'], () => { if (idNow() && !picked.has(idNow())) picked.toggle(idNow()); step(1, true); }, { hidden: true });
  bind('right', 'Next cell', 'ArrowRight', () => aside(1), { hidden: true });
  bind('left', 'Cell before', 'ArrowLeft', () => aside(-1), { hidden: true });
  bind('edit', 'Edit the cell', ['e', 'F2', 'Enter'], () => edit(), { icon: 'edit' });
  bind('pick', 'Select the row', 'x', () => (idNow() ? picked.toggle(idNow()) : false));
  bind('range', 'Select up to the row', 'Shift+x', () => (idNow() ? picked.toggle(idNow(), true) : false));
  bind('all', 'Select all that are loaded', 'Mod+a', () => picked.all());
  bind('peek', 'At a glance', 'Space', () => (idNow() ? glance(glancing() === idNow() ? null : idNow()) : false), { icon: 'eye' });
  bind('assign', 'Owner of the selected', 'a', () => some('owner'), { icon: 'person' });
  bind('tag', 'Tag the selected', 'l', () => some('tag'), { icon: 'tag' });
  bind('filter', 'Filter', 'f', () => document.querySelector('[data-testid="add-filter"]')?.click(), { icon: 'filter' });
  context.command({ id: 'out', title: 'Out of the field', keys: 'Escape', hidden: true, run(event) {
    if (event.target.matches('input:not([type=checkbox])')) { event.target.blur(); return true; }
    if (picked.size) { picked.clear(); return true; }
    if (glancing()) { glance(null); return true; }
    return false;
  } });
}
