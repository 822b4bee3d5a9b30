// Settings: the fields that a workspace adds to its records.
import { get, patch, post, remove } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { overlay, sure } from '../overlay.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';
import { forgetSchema } from './schema.js';

style(import.meta.url, './list.css');

const kinds = [['person', 'People'], ['company', 'Companies'], ['deal', 'Deals']];
const types = { text: 'Text', number: 'Number', money: 'Amount of money', date: 'Date', select: 'One of a list', multi: 'Several of a list', bool: 'Yes or no', url: 'Link', user: 'Member' };

export async function section() {
  const place = el('div', { class: 'deflists' });
  let all = [];
  async function load() {
    all = (await get('/fields')).items;
    forgetSchema();
    place.replaceChildren(...kinds.map(([kind, title]) => {
      const own = all.filter((field) => field.kind === kind);
      return el('section', { class: 'deflist' }, el('header', {}, el('h3', {}, title), el('span', { class: 'spring' }), el('button', { type: 'button', class: 'button small', 'data-testid': `add-field-${kind}`, onclick: () => form({ kind }) }, icon('plus'), 'Add field')),
        own.length ? el('ul', {}, own.map(line)) : el('p', { class: 'muted small' }, 'None yet.'));
    }));
  }
  const line = (field) => el('li', { 'data-testid': 'field-line' }, el('strong', { dir: 'auto' }, field.label), el('span', { class: 'muted' }, types[field.type]), el('code', { class: 'muted' }, `cf.${field.key}`), el('span', { class: 'spring' }),
    el('span', { class: 'muted tabular' }, field.used ? `${field.used.toLocaleString()} have it` : 'not used'), iconButton('edit', `Change ${field.label}`, () => form(field)), iconButton('trash', `Delete ${field.label}`, () => drop(field)));

  function form(field) {
    const label = el('input', { name: 'label', 'aria-label': 'Name', required: true, maxlength: 60, value: field.label, autocomplete: 'off' });
    const type = el('select', { name: 'type', 'aria-label': 'Kind', onchange: () => { options.hidden = !['select', 'multi'].includes(type.value); } }, Object.entries(types).map(([value, name]) => el('option', { value }, name)));
    const area = el('textarea', { name: 'options', rows: 5, 'aria-label': 'Options', placeholder: 'One on each line' });
    const clear = el('input', { type: 'checkbox', name: 'clear' });
    const options = el('div', { hidden: !['select', 'multi'].includes(field.type) }, el('label', { class: 'field' }, el('span', {}, 'Options'), area),
      field.id ? el('label', { class: 'ticked' }, clear, 'Take options that I removed from the records that have them') : null);
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    area.value = (field.options ?? []).join('\n');
    const shown = overlay(field.id ? 'Change the field' : 'Add a field', el('form', { class: 'sheetform', onsubmit: submit },
      el('label', { class: 'field' }, el('span', {}, 'Name'), label), field.id ? null : el('label', { class: 'field' }, el('span', {}, 'Kind'), type), options, fault,
      el('div', { class: 'ends' }, el('button', { class: 'button primary', 'data-testid': 'field-save' }, 'Save'))), { size: 'small' });
    async function submit(event) {
      event.preventDefault();
      const list = area.value.split('\n').map((text) => text.trim()).filter(Boolean);
      const listed = ['select', 'multi'].includes(field.type ?? type.value);
      try {
        if (field.id) await patch(`/fields/${field.id}`, { label: label.value, ...(listed ? { options: list, clear: clear.checked } : {}) }, { version: field.version });
        else await post('/fields', { kind: field.kind, label: label.value, type: type.value, ...(listed ? { options: list } : {}) });
        shown.close();
        await load();
      } catch (problem) {
        fault.textContent = problem.status === 409 ? problem.body.detail : problem.message;
        fault.hidden = false;
      }
    }
  }
  async function drop(field) {
    const text = field.used ? `${field.used.toLocaleString()} records have a value. It is kept for 30 days, and comes back if you restore the field from the trash.` : 'No record has a value.';
    if (!(await sure(`Delete the field “${field.label}”?`, { text, yes: 'Delete', danger: true }))) return;
    try {
      await remove(`/fields/${field.id}`, { version: field.version });
      toast('Field deleted', { undo: async () => { await post(`/fields/${field.id}/restore`); await load(); } });
      await load();
    } catch (problem) { toast(problem.message, { bad: true }); }
  }
  await load();
  return { node: sheet('Fields', 'What your team notes beside the usual: up to 30 for each kind. They can be filtered, sorted and shown as columns.', place) };
}
