// The fields of a record's form. A control is {node, raw, get, set}: raw is
// what stands in it, to tell whether it was changed; get is what is sent.
import { Problem, records } from './api.js';
import { el } from './dom.js';
import { common as currencies, parseAmount, plainNumber } from './money.js';
import { companyControl } from './picker.js';

// put sets what a control says; what it says anyway stays, with its caret.
function put(node, value) { if (node.value !== value) node.value = value; }

function plain(field, node) {
  return {
    node, raw: () => node.value.trim(), get: () => node.value.trim(),
    set: (record) => put(node, record[field.key] ?? ''),
  };
}

const common = (field) => ({ name: field.name, form: field.form, 'aria-label': field.label, placeholder: field.placeholder ?? '', autocomplete: 'off', spellcheck: 'false' });

const kinds = {
  text: (field) => plain(field, el('input', { ...common(field), maxlength: field.max ?? 200, dir: 'auto' })),
  lines: (field) => plain(field, el('textarea', { ...common(field), rows: 3, maxlength: 500, dir: 'auto' })),
  choice(field) {
    const node = el('select', common(field), el('option', { value: '' }, '–'), field.choices.map((c) => el('option', { value: c }, c)));
    return plain(field, node);
  },
  member(field, context) {
    const node = el('select', common(field), el('option', { value: '' }, 'Nobody'), context.members.map((m) => el('option', { value: m.id }, m.name)));
    return { ...plain(field, node), get: () => node.value || null };
  },
  company: (field) => companyControl(field, el('input', { ...common(field), maxlength: 200, dir: 'auto' }), records('companies')),
  contacts: contactsControl,
  date(field) {
    const control = plain(field, el('input', { ...common(field), type: 'date', min: '1970-01-01', max: '2200-12-31' }));
    return { ...control, get: () => control.raw() || null };
  },
  money: moneyControl,
};

// moneyControl edits an amount and its currency, which are two members.
function moneyControl(field) {
  const amount = el('input', { ...common(field), inputmode: 'decimal', maxlength: 24 });
  const currency = el('select', { name: `${field.name}Currency`, 'aria-label': 'Currency' });
  const node = el('div', { class: 'moneyfield' }, amount, currency);
  function set(record) {
    const code = record.currency || record.defaultCurrency || '';
    currency.replaceChildren(...[...new Set([code, ...currencies])].map((one) => el('option', { value: one }, one || 'Currency')));
    currency.value = code;
    put(amount, plainNumber(record.amountMinor ?? 0, code || 'USD'));
  }
  const minor = () => parseAmount(amount.value, currency.value || 'USD');
  function get() {
    if (minor() === null) throw new Problem(422, { errors: [{ pointer: `/${field.key}`, message: 'This is not an amount such as 1250.50' }] });
    return { amountMinor: minor(), currency: currency.value };
  }
  set({});
  return { node, set, get, raw: () => `${minor() ?? amount.value} ${currency.value}` };
}

// contactsControl edits a list of addresses or numbers, a line for each.
function contactsControl(field) {
  const lines = el('div', { class: 'lines' });
  const add = el('button', { type: 'button', class: 'link small', onclick: () => { line({ value: '' }).focus(); } }, `Add another ${field.label.toLowerCase()}`);
  const node = el('div', { class: 'contacts' }, lines, field.single ? null : add);
  let listed = [];
  function line(contact) {
    const number = lines.children.length;
    const input = el('input', { ...common(field), name: number ? `${field.name}-${number + 1}` : field.name, type: field.type, inputmode: field.type === 'email' ? 'email' : 'tel', maxlength: 254 });
    input.value = contact.value;
    listed.push({ input, kind: contact.kind });
    lines.append(input);
    return input;
  }
  const value = () => listed.map(({ input, kind }) => ({ value: input.value.trim(), kind })).filter((c) => c.value);
  function set(record) {
    lines.replaceChildren();
    listed = [];
    const list = record[field.key] ?? [];
    (list.length ? list : [{ value: '' }]).forEach(line);
  }
  set({});
  return { node, set, get: value, raw: () => value().map((c) => c.value).join('\n') };
}

// buildForm makes the controls of fields; context has what they choose from.
export function buildForm(fields, context) {
  const controls = new Map(fields.map((field) => [field, kinds[field.kind ?? 'text'](field, context)]));
  const faults = new Map();
  let initial = new Map();
  const raws = () => new Map([...controls].map(([field, control]) => [field, control.raw()]));
  const form = {
    controls,
    // labelled is a field with its label and the place for its fault.
    labelled(field) {
      const fault = el('span', { class: 'fault', role: 'alert', hidden: true });
      faults.set(field, fault);
      const control = controls.get(field);
      const single = control.node.matches('input, select, textarea');
      return el(single ? 'label' : 'div', { class: 'field' }, el('span', {}, field.label), control.node, fault);
    },
    // set shows a record. since, if given, is what stood here when it was sent:
    // fields that were changed after that are left as they are.
    set(record, since = raws()) {
      const later = [...controls].filter(([field, control]) => control.raw() !== since.get(field)).map(([field]) => field);
      for (const [field, control] of controls) if (!later.includes(field)) control.set(record);
      initial = new Map([...raws(), ...later.map((field) => [field, since.get(field)])]);
    },
    raws,
    changed: () => [...controls.keys()].filter((field) => controls.get(field).raw() !== initial.get(field)),
    // read gives the values of the given fields; it may have to look one up.
    async read(only = [...controls.keys()]) {
      const values = {};
      for (const field of only) Object.assign(values, await value(field));
      return values;
    },
    // show marks the fields that the server did not accept; it returns what belongs to none.
    show(problem) {
      form.clear();
      const rest = [];
      for (const fault of problem?.body?.errors ?? []) {
        const field = fields.find((f) => fault.pointer.startsWith(`/${f.key}`));
        const place = faults.get(field);
        controls.get(field)?.node.classList.add('bad');
        if (place) Object.assign(place, { textContent: fault.message, hidden: false });
        else rest.push(fault.message);
      }
      return problem && (rest.join('; ') || (problem.body?.errors?.length ? '' : problem.message));
    },
    clear() {
      for (const place of faults.values()) place.hidden = true;
      for (const control of controls.values()) control.node.classList.remove('bad');
    },
  };
  async function value(field) {
    const got = await controls.get(field).get();
    if (field.kind === 'money') return got;
    return field.kind === 'company' ? { companyId: got?.id ?? null, companyName: got?.name ?? '' } : { [field.key]: got };
  }
  form.set({});
  return form;
}

// sendable leaves out what is for showing only.
export function sendable({ companyName, ...values }) { return values; }

