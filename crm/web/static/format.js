// How records are put into words.
import { el } from './dom.js';

export const personName = (p) => [p.firstName, p.lastName].filter(Boolean).join(' ') || p.emails?.[0]?.value || 'No name';

export const recordName = (record) => record.name ?? personName(record);

function initials(name) {
  const words = name.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}

function hue(text) {
  let h = 7;
  for (const c of text) h = (h * 31 + c.codePointAt(0)) % 3600;
  return h % 360;
}

// avatar is a round mark for a person, a square one for a company.
export function avatar(name, shape = 'round') {
  const node = el('span', { class: `avatar ${shape}`, 'aria-hidden': 'true' }, initials(name));
  node.style.setProperty('--hue', hue(name));
  return node;
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const steps = [[60, 'second', 1], [3600, 'minute', 60], [86400, 'hour', 3600], [86400 * 30, 'day', 86400], [86400 * 365, 'month', 86400 * 30], [Infinity, 'year', 86400 * 365]];

export function ago(text) {
  const seconds = (new Date(text) - Date.now()) / 1000;
  if (Math.abs(seconds) < 45) return 'just now';
  const [, unit, size] = steps.find(([limit]) => Math.abs(seconds) < limit);
  return relative.format(Math.round(seconds / size), unit);
}

export const when = (text) => el('time', { datetime: text, title: full.format(new Date(text)) }, ago(text));

export const counted = (total) => (total === '10000+' ? '10,000+' : Number(total).toLocaleString());
