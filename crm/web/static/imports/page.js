// Import: where a table is dropped, and the tables that came before.
import * as api from '../api.js';
import { el, icon, style } from '../dom.js';
import { when } from '../format.js';
import { failed, page, state } from '../layout.js';
import { toast } from '../toast.js';
import { counted, saying } from './words.js';
import { sampleFile } from './sample.js';

style(import.meta.url, './imports.css');

export async function open(context) {
  const may = context.can('member');
  const history = el('div', { class: 'imports-history' });
  const node = page('Import', {}, el('div', { class: 'scroller' }, el('div', { class: 'imports-middle' }, may ? dropZone(context) : null, history)));
  async function load() {
    try {
      const { items } = await api.get('/imports');
      history.replaceChildren(...(items.length ? [el('h2', {}, 'Earlier imports'), el('ul', {}, items.map((item) => entry(context, item)))] : may ? [] : [state('upload', 'Nothing was imported yet', 'Members bring tables in; you may read.')]));
    } catch (problem) {
      history.replaceChildren(failed('Earlier imports', problem, load));
    }
  }
  await load();
  return { node };
}

const entry = (context, item) => el('li', {}, el('a', { href: `/import/${item.id}`, 'data-nav': true },
  icon('table'), el('span', { class: 'what' }, el('b', { dir: 'auto' }, item.fileName), el('span', { class: 'muted small' }, counted(item))),
  el('span', { class: `imports-status ${item.status}` }, saying[item.status]),
  el('span', { class: 'muted small by' }, context.who(item.createdBy)), el('span', { class: 'muted small at' }, when(item.createdAt))));

// dropZone takes a file by drag, by choice or by paste.
function dropZone(context) {
  const bar = el('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Upload' });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const input = el('input', { type: 'file', accept: '.csv,.tsv,.txt,text/csv,text/tab-separated-values', class: 'hidden', 'aria-label': 'File', 'data-testid': 'import-file', tabindex: -1, onchange: () => take(input.files[0]) });
  const choose = el('button', { type: 'button', class: 'button primary', 'data-testid': 'import-choose', onclick: () => input.click() }, icon('upload'), 'Choose a file');
  const zone = el('div', {
    class: 'imports-drop',
    ondragover: (event) => { event.preventDefault(); zone.classList.add('over'); },
    ondragleave: () => zone.classList.remove('over'),
    ondrop: (event) => { event.preventDefault(); zone.classList.remove('over'); take(event.dataTransfer.files[0]); },
  }, el('div', { class: 'bigicon' }, icon('upload')), el('h2', {}, 'Bring your people, companies or deals'),
  el('p', { class: 'muted' }, 'Drop a CSV file here, of any program: HubSpot, Pipedrive, Google Contacts and Outlook are recognised. Nothing is written before you have seen what would be.'),
  el('div', { class: 'choices' }, choose, el('button', { type: 'button', class: 'button', onclick: sampleFile }, icon('download'), 'Sample file')),
  bar, fault, input, el('p', { class: 'muted small' }, 'At most 20 MB. Every import can be undone.'));

  async function take(file) {
    if (!file) return;
    fault.hidden = true;
    if (file.size > 20 * 2 ** 20) { say('This file is larger than 20 MB. Part it into several.'); return; }
    bar.hidden = false;
    choose.disabled = true;
    try {
      const made = await api.upload('/imports', file, { progress: (part) => { bar.value = part; } });
      if (made.shape.source) toast(`This is an export of ${made.shape.source}`);
      context.go(`/import/${made.id}`);
    } catch (problem) {
      say(problem.message);
    } finally {
      bar.hidden = true;
      choose.disabled = false;
      input.value = '';
    }
  }
  function say(text) {
    fault.textContent = text;
    fault.hidden = false;
  }
  return zone;
}
