// Where a sentence of the assistant comes from: the activity, in the timeline
// if it is drawn there, else over the page.
import { get } from '../api.js';
import { el } from '../dom.js';
import { when } from '../format.js';
import { overlay } from '../overlay.js';

const names = { note: 'Note', call: 'Call', meeting: 'Meeting', email: 'E-mail', 'stage-change': 'Stage' };
const dates = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

export const source = ({ id, type, at }) => el('button', { type: 'button', class: 'assistsource', 'data-testid': 'assist-source', onclick: () => jump(id) },
  `${names[type] ?? 'Entry'}, ${dates.format(new Date(`${at.replace(' ', 'T')}Z`))}`);

// jump shows an activity.
export async function jump(id) {
  const there = document.querySelector(`.entry[data-id="${id}"]`);
  if (there?.checkVisibility()) {
    there.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    for (const one of document.querySelectorAll('.assistshown')) one.classList.remove('assistshown');
    there.classList.add('assistshown');
    return;
  }
  const activity = await get(`/activities/${id}`);
  overlay(activity.subject || names[activity.type] || 'Activity', el('div', { class: 'assistactivity' },
    el('p', { class: 'muted small' }, `${names[activity.type] ?? activity.type} by ${activity.authorName || 'the CRM'}, `, when(activity.occurredAt)),
    el('p', { class: 'text', dir: 'auto' }, activity.body)), { size: 'medium', name: 'assist' });
}
