// Settings: data comes in and goes out.
import { el, icon } from '../dom.js';
import { sheet } from '../settings/sheet.js';
import { exportByJob, exportList } from './export.js';

const kinds = { people: 'People', companies: 'Companies', deals: 'Deals', tasks: 'Tasks', activities: 'Activities' };

export function section(context) {
  const own = context.can('owner');
  return { node: sheet('Import and export', 'Your data is yours. Files open in any spreadsheet; what one would take for a formula is made harmless.',
    el('div', { class: 'takeouts' }, el('a', { class: 'button', href: '/import', 'data-nav': true }, icon('upload'), 'Import a table')),
    el('h3', {}, 'Export all'),
    el('div', { class: 'takeouts' }, Object.entries(kinds).map(([kind, label]) => el('button', { class: 'button', onclick: () => exportList({ kind }) }, icon('download'), label))),
    own ? el('h3', {}, 'The whole workspace') : null,
    own ? el('p', { class: 'muted' }, 'An archive with every list as CSV and JSON. The link is kept for a day.') : null,
    own ? el('div', { class: 'takeouts' }, el('button', { class: 'button', 'data-testid': 'export-workspace', onclick: () => exportByJob({ kind: 'workspace' }) }, icon('download'), 'Export the workspace')) : null) };
}
