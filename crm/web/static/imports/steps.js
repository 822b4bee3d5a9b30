// The steps of an import after its mapping: what would happen, what happens,
// what has happened.
import * as api from '../api.js';
import { el, icon } from '../dom.js';
import { sure } from '../overlay.js';
import { toast } from '../toast.js';
import { kinds, number, rows } from './words.js';

const attempt = (run) => run().catch((problem) => toast(problem.message, { bad: true }));

const figures = (counts) => el('dl', { class: 'imports-figures' }, [['created', 'New'], ['updated', 'Updated'], ['skipped', 'Skipped'], ['failed', 'Errors']].map(([key, label]) => el('div', { class: counts[key] ? key : 'nothing', 'data-testid': `import-${key}` },
  el('dt', {}, label), el('dd', {}, number(counts[key])))));

// rowOf is what a spreadsheet calls a row: there the names of the columns are the first.
const rowOf = (item, one) => number(one.row + (item.shape.header ? 1 : 0));

const problems = (item, list, total) => (list.length ? el('table', { class: 'imports-problems' },
  el('caption', { class: 'muted small' }, list.length < total ? `The first ${number(list.length)} of ${number(total)}` : null),
  el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Row'), el('th', { scope: 'col' }, 'What happens'), el('th', { scope: 'col' }, 'Why'))),
  el('tbody', {}, list.map((one) => el('tr', {}, el('td', {}, rowOf(item, one)), el('td', {}, one.outcome === 'failed' ? 'Error' : 'Skipped'), el('td', { dir: 'auto' }, one.message))))) : null);

// checkStep shows what a run would do.
export function checkStep(item, controls) {
  const { counts, problems: list } = item.report;
  const good = counts.created + counts.updated;
  const go = el('button', { class: 'button primary', 'data-testid': 'import-run', disabled: !good, onclick: () => { go.disabled = true; attempt(() => controls.act('run')).then(() => { go.disabled = false; }); } }, good ? `Import ${rows(good)}` : 'Nothing to import');
  return { node: el('div', {}, el('h2', { tabindex: -1 }, 'This is what will happen'), el('p', { class: 'muted' }, 'Nothing has been written yet. Rows with errors are left out and can be downloaded afterwards, with the reason of each.'),
    figures(counts), problems(item, list, counts.failed + counts.skipped),
    el('div', { class: 'ends' }, el('button', { class: 'button', onclick: controls.back }, 'Back'), go)) };
}

// workStep shows how far the work is.
export function workStep(item, controls) {
  const words = { checking: ['Checking', 'Every row is tried; nothing is written.'], running: ['Importing', 'You can leave this page; the import goes on.'], undoing: ['Undoing', 'Records go back to what they were.'] };
  const [title, text] = words[item.status];
  const bar = el('progress', { 'aria-label': title, max: 1 });
  const said = el('p', { class: 'muted', 'aria-live': 'polite' });
  const live = el('div', {});
  function update(now) {
    const undoing = now.status === 'undoing';
    if (undoing) bar.removeAttribute('value');
    else bar.value = now.total ? now.done / now.total : 0;
    said.textContent = undoing ? `${number(now.undone)} changes taken back` : `${number(now.done)} of ${rows(now.total)}`;
    if (now.status === 'running') live.replaceChildren(figures(now.counts));
  }
  update(item);
  return { update, node: el('div', {}, el('h2', { tabindex: -1 }, `${title} …`), el('p', { class: 'muted' }, text), bar, said, live,
    item.status === 'undoing' ? null : el('div', { class: 'ends' }, el('button', { class: 'button', 'data-testid': 'import-cancel', onclick: () => attempt(() => controls.act('cancel')) }, 'Stop'))) };
}

const endings = {
  done: ['Imported', (item) => `${rows(item.done)} in all.`],
  cancelled: ['Stopped', (item) => `${number(item.done)} of ${rows(item.total)} were done, and stay.`],
  failed: ['The import failed', (item) => item.fault],
  undone: ['Undone', (item) => (item.kept ? `${number(item.undone)} changes were taken back. ${number(item.kept)} were not, since somebody had changed the record.` : `All ${number(item.undone)} changes were taken back.`)],
};

// resultStep shows what has happened, and what to do about it.
export function resultStep(item, controls) {
  const [title, text] = endings[item.status];
  const list = el('div', {});
  const may = controls.context.can('member');
  api.get(`/imports/${item.id}/rows`).then((told) => list.replaceChildren(...[problems(item, told.problems, item.counts.failed + item.counts.skipped), kept(item, told.kept)].filter(Boolean))).catch(() => {});
  async function undo() {
    const yes = await sure('Undo this import?', { text: 'New records go to the trash, and changed ones get their former values. What somebody changed since then stays, and you are told.', yes: 'Undo', danger: true });
    if (yes) attempt(() => controls.act('undo'));
  }
  return { node: el('div', {}, el('h2', { tabindex: -1 }, title), el('p', { class: 'muted', 'data-testid': 'import-result' }, text(item)), figures(item.counts),
    el('div', { class: 'choices' },
      item.status === 'undone' ? null : el('a', { class: 'button primary', href: `/${item.mapping.kind}`, 'data-nav': true }, `See ${kinds[item.mapping.kind].toLowerCase()}`),
      item.counts.failed ? el('a', { class: 'button', href: `/api/v1/imports/${item.id}/errors.csv`, download: true, 'data-testid': 'import-errors' }, icon('download'), `Download ${rows(item.counts.failed)} with errors`) : null,
      item.status === 'cancelled' && may ? el('button', { class: 'button', onclick: () => attempt(() => controls.act('resume')) }, 'Go on') : null,
      item.status !== 'undone' && may ? el('button', { class: 'button', 'data-testid': 'import-undo', onclick: undo }, icon('undo'), 'Undo') : null,
      el('a', { class: 'button', href: '/import', 'data-nav': true }, 'Import another')), list) };
}

const places = { person: '/people', company: '/companies', deal: '/deals' };

const kept = (item, list) => (list.length ? el('section', {}, el('h3', {}, 'Not taken back'), el('ul', { class: 'imports-kept' }, list.map((one) => el('li', {},
  el('a', { class: 'link', href: `${places[one.kind]}/${one.id}`, 'data-nav': true }, `Row ${rowOf(item, one)}: ${one.kind}`), el('span', { class: 'muted' }, one.reason))))) : null);
