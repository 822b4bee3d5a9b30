// A record's score, with the reason of each point.
import { get } from '../api.js';
import { el, style } from '../dom.js';

style(import.meta.url, './assist.css');

export function panel(context, { kind, record }) {
  const node = el('div', { class: 'scoreof', 'data-testid': 'score' });
  async function load() {
    try {
      const { score, reasons } = await get(`/${kind}/${record.id}/score`);
      const fill = el('span');
      fill.style.width = `${score}%`;
      node.replaceChildren(
        el('div', { class: 'sum' }, el('strong', {}, String(score)), el('span', { class: 'muted small' }, 'of 100, by rules'), el('span', { class: 'gauge', 'aria-hidden': 'true' }, fill)),
        el('ul', {}, reasons.map((r) => el('li', {}, el('span', {}, r.text), el('span', { class: r.points < 0 ? 'points less' : 'points' }, r.points > 0 ? `+${r.points}` : String(r.points).replace('-', '−'))))));
    } catch (problem) {
      node.replaceChildren(el('p', { class: 'muted small' }, problem.message));
    }
  }
  load();
  return { node, update: load };
}
