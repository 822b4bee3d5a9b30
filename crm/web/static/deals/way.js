// The way that a deal has come through the stages, and for how long.
import { get } from '../api.js';
import { el, style } from '../dom.js';
import { when } from '../format.js';

style(import.meta.url, './record.css');

// lasted is a time in words.
export function lasted(seconds) {
  if (seconds < 3600) return seconds < 90 ? 'a moment' : `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return hours < 36 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

export async function panel(context, given) {
  const node = el('ol', { class: 'way' });
  let seen = 0;
  async function update(deal) {
    if (seen === deal.stageEnteredAt) return;
    seen = deal.stageEnteredAt;
    const mine = seen;
    const { items } = await get(`/deals/${deal.id}/history`);
    if (seen !== mine) return; // it went on meanwhile
    node.replaceChildren(...items.map((entry, at) => el('li', {},
      el('span', { class: 'stage', dir: 'auto' }, entry.toStageName),
      el('span', { class: 'muted' }, at === 0 ? (deal.status === 'open' ? lasted((Date.now() - Date.parse(entry.at)) / 1000) : '') : lasted(items[at - 1].secondsIn)),
      el('span', { class: 'by' }, when(entry.at), ` · ${context.who(entry.by)}`))));
  }
  await update(given.record);
  return { node, update };
}
