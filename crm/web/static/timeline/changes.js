// What the CRM noted of a change, in words.
import { el } from '../dom.js';
import { money } from '../money.js';

const verbs = { created: 'added this', deleted: 'moved this to the trash', restored: 'took this out of the trash', merged: 'merged another record into this' };
const names = { companyName: 'Company', ownerId: 'Owner', emails: 'E-mail', phones: 'Phone', sizeBand: 'Size', amountMinor: 'Amount', closeDate: 'Close date', primaryPersonName: 'Person', customFields: 'Fields' };
const twins = { companyId: 'companyName', primaryPersonId: 'primaryPersonName', personId: 'personName', stageId: 'stageName', pipelineId: 'pipelineName' };

const words = (key) => key.replace(/([A-Z])/g, ' $1').replace(/^./, (c) => c.toUpperCase()).replace(/ [A-Z]/g, (c) => c.toLowerCase());

function label(key, subject) {
  return names[key] ?? subject?.fields?.find((field) => field.key === key)?.label ?? words(key);
}

function value(key, v, context, currency) {
  if (v === null || v === undefined || v === '' || (Array.isArray(v) && !v.length)) return '';
  if (key === 'ownerId') return context.who(v);
  if (key === 'amountMinor') return currency ? money(v, currency) : String(v);
  if (Array.isArray(v)) return v.map((one) => one?.value ?? one?.name ?? (typeof one === 'object' ? '' : one)).filter(Boolean).join(', ');
  if (typeof v === 'boolean') return v ? 'yes' : 'no';
  if (typeof v === 'object') return Object.entries(v).map(([name, one]) => `${words(name)}: ${typeof one === 'object' ? JSON.stringify(one) : one}`).join(', ');
  if (/^\d{4}-\d\d-\d\d$/.test(v)) return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(v));
  return String(v);
}

const short = (text) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

// told is what was done, as text and elements; what changed in several places
// is a list.
export function told(meta, context, subject, record) {
  if (verbs[meta?.verb]) return [verbs[meta.verb]];
  const { was = {}, became = {} } = meta ?? {};
  const keys = [...new Set([...Object.keys(became), ...Object.keys(was)])].filter((key) => !(twins[key] && (twins[key] in became || twins[key] in was)));
  const one = (key) => {
    const from = value(key, was[key], context, record?.currency);
    const to = value(key, became[key], context, record?.currency);
    const what = el('span', { class: 'changedfield' }, label(key, subject));
    if (!to) return ['cleared ', what, ...(from ? [' (was ', el('bdi', {}, short(from)), ')'] : [])];
    return from ? ['changed ', what, ' from ', el('bdi', {}, short(from)), ' to ', el('bdi', { class: 'changedto' }, short(to))] : ['set ', what, ' to ', el('bdi', { class: 'changedto' }, short(to))];
  };
  return keys.flatMap((key, i) => [i ? (i === keys.length - 1 ? ' and ' : ', ') : '', ...one(key)]);
}
