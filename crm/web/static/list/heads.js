// The head of a table: select all, sort by a column or several, widths.
import { el, icon } from '../dom.js';
import { resizer } from './columns.js';

const plain = (sort) => sort.replace(/^-/, '');

// turned is the sort that a press on a column's head makes. With Shift it is
// added to the others, of which there are three at most.
export function turned(sort, wanted, join) {
  const parts = sort ? sort.split(',') : [];
  const at = parts.findIndex((part) => plain(part) === plain(wanted));
  const reverse = wanted.startsWith('-') ? wanted.slice(1) : `-${wanted}`;
  const next = at < 0 ? wanted : parts[at] === wanted ? reverse : '';
  if (!join) return next;
  const rest = [...parts];
  if (at < 0) rest.push(next);
  else rest.splice(at, 1, ...(next ? [next] : []));
  return rest.slice(0, 3).join(',');
}

// heads draws a table's columns and head.
export function heads(table, { columns, sort, sortBy, resized, all }) {
  const cols = el('colgroup');
  const line = el('tr');
  const box = el('input', { type: 'checkbox', 'aria-label': 'Select all that are loaded', onclick: all });
  table.prepend(cols, el('thead', {}, line));

  function draw() {
    const shown = columns();
    const widths = shown.map((column) => { const col = el('col'); col.style.width = `${column.width}px`; return col; });
    const narrow = el('col');
    narrow.style.width = '36px';
    cols.replaceChildren(narrow, ...widths);
    table.style.minWidth = `${36 + shown.reduce((sum, { width }) => sum + width, 0)}px`;
    line.replaceChildren(el('th', { class: 'pick', scope: 'col' }, box), ...shown.map((column, at) => head(column, widths[at])));
  }
  function head(column, col) {
    const parts = sort() ? sort().split(',') : [];
    const at = column.sort ? parts.findIndex((part) => plain(part) === plain(column.sort)) : -1;
    const down = parts[at]?.startsWith('-');
    const node = el('th', { scope: 'col', class: column.className, 'aria-sort': at < 0 ? null : down ? 'descending' : 'ascending' },
      column.sort ? el('button', { type: 'button', class: 'sort', title: 'Sort; with Shift, also by this', onclick: (event) => sortBy(turned(sort(), column.sort, event.shiftKey)) },
        column.label, at < 0 ? null : icon(down ? 'down' : 'up'), at >= 0 && parts.length > 1 ? el('sup', {}, String(at + 1)) : null) : column.label,
      resizer(column, col, resized));
    return node;
  }
  return {
    draw,
    tell(some, whole) {
      box.checked = some > 0 && some === whole;
      box.indeterminate = some > 0 && some < whole;
    },
  };
}
