// A record's score, with the reason of each point.
import { get } from '../api.js';
import { el, style } from '../dom.js';
import { into } from '../layout.js';

style(import.meta.url, './assist.css');

export function panel(context, { kind, record }) {
  const node = el('div', { class: 'scoreof', 'data-testid': 'score' });
  const ask = () => get(`/${kind}/${record.id}/score`).catch((problem) => ({ problem }));
  const load = into(node, ask, ({ problem, score, reasons }) => {
    if (problem) { node.replaceChildren(el('p', { class: 'muted small' }, problem.message)); return; }
    const fill = el('span');
    fill.style.width = `${score}%`;
    node.replaceChildren(
      el('div', { class: 'sum' }, el('strong', {}, String(score)), el('span', { class: 'muted small' }, 'of 100, by rules'), el('span', { class: 'gauge', 'aria-hidden': 'true' }, fill)),
      el('ul', {}, reasons.map((r) => el('li', {}, el('span', {}, r.text), el('span', { class: r.points < 0 ? 'points less' : 'points' }, r.points > 0 ? `+${r.points}` : String(r.points).replace('-', '−'))))));
  });
  load();
  return { node, update: load };
}
