// The second step: what the columns of a table mean.
import * as api from '../api.js';
import { el, icon } from '../dom.js';
import { kinds, rows } from './words.js';

const existing = { update: 'Update it with what the table has', skip: 'Leave it as it is', create: 'Add another one' };
const matches = { people: 'A person is recognised by an e-mail address.', companies: 'A company is recognised by its domain, else by its name.', deals: 'A deal is recognised by its title and company.' };
const orders = { dmy: 'Day first: 31.12.2026', mdy: 'Month first: 12/31/2026', ymd: 'Year first: 2026-12-31' };
const encodings = { 'utf-8': 'UTF-8', 'windows-1252': 'Windows (Western)', 'utf-16le': 'UTF-16 LE', 'utf-16be': 'UTF-16 BE' };
const delimiters = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar' };

const options = (all, chosen) => Object.entries(all).map(([value, label]) => el('option', { value, selected: value === chosen }, label));
const field = (label, control, hint) => el('label', { class: 'field' }, el('span', {}, label), control, hint ? el('span', { class: 'muted small' }, hint) : null);

export function mapStep(item, controls) {
  const { shape, mapping } = item;
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const body = el('tbody');
  const more = el('div', { class: 'imports-options' });
  const go = el('button', { class: 'button primary', 'data-testid': 'import-check', disabled: true }, `Check ${rows(item.total)}`);
  const reread = (how) => controls.reread({ encoding: '', delimiter: '', header: null, kind: '', ...how }).catch(say);
  const form = el('form', { novalidate: true, onsubmit: submit },
    el('h2', { tabindex: -1 }, 'What is in the table?'),
    el('p', { class: 'muted' }, shape.source ? `An export of ${shape.source}: its columns are mapped already. Look them through.` : 'What the columns seem to mean is filled in. Look it through.'),
    el('div', { class: 'imports-pair' }, field('The rows are', el('select', { name: 'kind', 'data-testid': 'import-kind', onchange: (event) => reread({ kind: event.target.value }) }, options(kinds, mapping.kind)), matches[mapping.kind]),
      field('What is there already', el('select', { name: 'existing' }, options(existing, mapping.existing)), 'Cells that are empty never empty anything.')),
    el('table', { class: 'imports-map' }, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Column'), el('th', { scope: 'col' }, 'Goes to'))), body), more, reading(), fault,
    el('div', { class: 'ends' }, el('a', { class: 'button', href: '/import', 'data-nav': true }, 'Later'), go));
  let fields = [];

  function reading() {
    return el('details', { class: 'imports-reading' }, el('summary', {}, `Read as ${encodings[shape.encoding]}, parted by ${delimiters[shape.delimiter]?.toLowerCase() ?? shape.delimiter}${shape.header ? ', with a header' : ', without a header'}`),
      el('div', { class: 'imports-trio' },
        field('Encoding', el('select', { onchange: (event) => reread({ encoding: event.target.value }) }, options(encodings, shape.encoding))),
        field('Parted by', el('select', { onchange: (event) => reread({ delimiter: event.target.value }) }, options(delimiters, shape.delimiter))),
        field('The first row', el('select', { onchange: (event) => reread({ header: event.target.value === 'yes' }) }, options({ yes: 'Names the columns', no: 'Is a record' }, shape.header ? 'yes' : 'no')))));
  }
  function line(column, i) {
    const select = el('select', { name: `column-${i}`, 'aria-label': `${column.name} goes to`, onchange: refine },
      el('option', { value: '' }, 'Not imported'), fields.map((one) => el('option', { value: one.key, selected: one.key === mapping.columns[i] }, one.label)));
    return el('tr', {}, el('th', { scope: 'row' }, el('b', { dir: 'auto' }, column.name), el('span', { class: 'muted small', dir: 'auto' }, column.samples.join(' · ') || 'empty')), el('td', {}, icon('right'), select));
  }
  const chosen = () => [...body.querySelectorAll('select')].map((select) => select.value);

  // refine shows the questions that the chosen fields ask.
  function refine() {
    const forms = new Set(chosen().map((key) => fields.find((one) => one.key === key)?.form));
    const keys = chosen();
    const old = new FormData(form);
    const was = (name, otherwise) => old.get(name) ?? otherwise;
    for (const row of body.rows) row.classList.toggle('out', !row.querySelector('select').value);
    more.replaceChildren(...[
      forms.has('date') ? field('Dates are written', el('select', { name: 'dateOrder', required: true }, el('option', { value: '' }, 'Choose'), options(orders, was('dateOrder', mapping.dateOrder)))) : null,
      forms.has('amount') || forms.has('number') ? field('Numbers are written', el('select', { name: 'decimal' }, options({ '.': '1,234.50', ',': '1.234,50' }, was('decimal', mapping.decimal)))) : null,
      forms.has('amount') && !keys.includes('currency') ? field('Currency', el('input', { name: 'currency', maxlength: 3, placeholder: 'EUR', value: was('currency', mapping.currency) })) : null,
      keys.includes('company') || keys.includes('companyDomain') ? field('Companies that are not there', el('select', { name: 'createCompanies' }, options({ yes: 'Add them', no: 'Leave them out' }, was('createCompanies', mapping.createCompanies ? 'yes' : 'no')))) : null,
      mapping.kind === 'deals' ? null : field('Put tags on all of them', el('input', { name: 'tags', placeholder: 'fair 2026, prospects', value: was('tags', mapping.tags.join(', ')) })),
    ].filter(Boolean));
  }
  async function submit(event) {
    event.preventDefault();
    fault.hidden = true;
    go.disabled = true;
    const values = new FormData(form);
    try {
      await controls.check({
        kind: mapping.kind, columns: chosen(), existing: values.get('existing'), dateOrder: values.get('dateOrder') ?? '', decimal: values.get('decimal') ?? '.',
        createCompanies: values.get('createCompanies') !== 'no', ownerId: mapping.ownerId, pipelineId: mapping.pipelineId, currency: (values.get('currency') ?? mapping.currency).trim().toUpperCase(),
        tags: (values.get('tags') ?? '').split(',').map((tag) => tag.trim()).filter(Boolean),
      });
    } catch (problem) {
      say(problem);
      go.disabled = false;
    }
  }
  function say(problem) {
    fault.textContent = problem.message;
    fault.hidden = false;
  }
  api.get('/imports/fields', { query: { kind: mapping.kind } }).then(({ items }) => {
    fields = items;
    body.replaceChildren(...shape.columns.map(line));
    refine();
    go.disabled = false; // not before: nothing would be chosen yet
  }).catch(say);
  return { node: form };
}
