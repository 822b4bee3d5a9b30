// One import, step by step: map, check, run, result.
import * as api from '../api.js';
import { el, icon, style } from '../dom.js';
import { page } from '../layout.js';
import { on } from '../live.js';
import { ownMass } from '../live/own.js';
import { mapStep } from './map.js';
import { checkStep, resultStep, workStep } from './steps.js';

style(import.meta.url, './imports.css');

const titles = ['Upload', 'Map', 'Check', 'Import', 'Result'];
const working = ['checking', 'running', 'undoing'];
const askEvery = 1000; // ms, while something is at work and no event comes

export async function open(context, { id }) {
  let item = await api.get(`/imports/${id}`);
  let mapping = item.status === 'ready' && !item.report; // the user is at the second step
  let timer = null;
  let closed = false;
  let shown = null; // what the place shows, to be left alone while it only goes on
  const place = el('div', { class: 'imports-step' });
  const trail = el('ol', { class: 'imports-trail', 'aria-label': 'Steps' });
  const node = page(item.fileName, { crumbs: [['Import', '/import']] }, el('div', { class: 'scroller' }, el('div', { class: 'imports-middle' }, trail, place)));

  const step = () => {
    if (item.status === 'checking') return 2;
    if (item.status === 'ready') return mapping ? 1 : 2;
    return item.status === 'running' ? 3 : 4;
  };
  const controls = {
    context,
    set(fresh) { item = fresh; draw(); },
    back() { mapping = true; draw(); },
    async check(values) {
      await api.put(`/imports/${id}/mapping`, values);
      mapping = false;
      controls.set(await api.post(`/imports/${id}/dry-run`));
    },
    async act(verb) {
      ownMass(); // its news may be here before the answer
      controls.set(await api.post(`/imports/${id}/${verb}`));
    },
    reread: async (how) => controls.set(await api.put(`/imports/${id}/reading`, how)),
  };

  function draw() {
    if (['running', 'undoing'].includes(item.status)) ownMass();
    const at = step();
    trail.replaceChildren(...titles.map((title, i) => el('li', { 'aria-current': i === at ? 'step' : null, class: i < at ? 'past' : null }, i < at ? icon('check') : el('span', { class: 'n' }, i + 1), title)));
    const key = `${at} ${item.status} ${working.includes(item.status) ? '' : item.version}`;
    if (shown?.key === key && shown.update) shown.update(item);
    else {
      const built = working.includes(item.status) ? workStep(item, controls) : at === 1 ? mapStep(item, controls) : at === 2 ? checkStep(item, controls) : resultStep(item, controls);
      shown = { key, ...built };
      place.replaceChildren(built.node);
      if (node.isConnected) place.querySelector('h2')?.focus();
    }
    clearTimeout(timer);
    if (working.includes(item.status) && !closed) timer = setTimeout(ask, askEvery);
  }
  async function ask() {
    try {
      item = await api.get(`/imports/${id}`);
    } catch (problem) {
      if (problem.status < 500) throw problem; // else it is asked again
    }
    if (!closed) draw();
  }
  const off = on('import.progress', (told) => { if (told.id === id && working.includes(item.status)) ask().catch(() => {}); });
  draw();
  return { node, close() { closed = true; off(); clearTimeout(timer); } };
}
