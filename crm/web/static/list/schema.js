// What lists of a kind can be filtered, sorted and grouped by, as the API says.
import { get } from '../api.js';

let asked = null;
const ofPath = (items, path) => items.find((one) => one.path === path);

// schemaOf is the schema of people, companies or deals; it is asked for once.
export async function schemaOf(path) {
  asked ??= get('/schema').catch((fault) => { asked = null; throw fault; });
  return ofPath((await asked).items, path);
}

// forgetSchema is for when fields were changed.
export function forgetSchema() { asked = null; }

// valueOf is a record's value of a field of the schema.
export function valueOf(record, name) {
  if (name.startsWith('cf.')) return record.custom?.[name.slice(3)];
  if (name === 'owner') return record.ownerId;
  if (name === 'amount') return record.amountMinor ? { amountMinor: record.amountMinor, currency: record.currency } : null;
  return record[name];
}

// patchOf is the change of one field as the API takes it.
export function patchOf(name, value) {
  if (name.startsWith('cf.')) return { custom: { [name.slice(3)]: value } };
  if (name === 'owner') return { ownerId: value };
  return { [name]: value };
}
