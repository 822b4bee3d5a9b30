// The tabs in the middle of a record's page; each is loaded when first opened.
import { el } from '../dom.js';
import { failed, loading } from '../layout.js';

// tabs makes them of panels, or nothing if there are none. On a narrow page
// the details are one more tab.
export function tabs(context, panels, load) {
  if (!panels.length) return null;
  const all = [...panels, { title: 'Details', details: true }];
  const nodes = new Map(); // panel → its node to come
  const place = el('div', { class: 'panel', role: 'tabpanel', id: 'panel' });
  const buttons = all.map((one, i) => el('button', { role: 'tab', id: `tab-${i}`, 'aria-controls': 'panel', class: one.details ? 'narrow' : null, onclick: () => choose(i) }, one.title));
  const list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Parts', onkeydown: keys }, buttons);
  const node = el('div', { class: 'middle' }, list, place);

  function keys(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const shown = buttons.filter((button) => button.checkVisibility());
    const next = shown.at((shown.indexOf(document.activeElement) + by) % shown.length);
    next.focus();
    next.click();
  }
  async function choose(at) {
    const one = all[at];
    buttons.forEach((button, i) => {
      button.setAttribute('aria-selected', String(i === at));
      button.tabIndex = i === at ? 0 : -1;
    });
    place.setAttribute('aria-labelledby', `tab-${at}`);
    node.parentNode?.classList.toggle('details', Boolean(one.details));
    context.setQuery({ tab: at ? one.title.toLowerCase() : '' });
    const loaded = loading(place);
    if (!one.details) await fill(at);
    loaded();
  }
  async function fill(at) {
    const one = all[at];
    if (!nodes.has(one)) nodes.set(one, load(one).then((part) => part.node));
    let shown;
    try {
      shown = [el('h2', { class: 'hidden' }, one.title), await nodes.get(one)];
    } catch (problem) {
      nodes.delete(one);
      shown = [failed(one.title, problem, () => choose(at))];
    }
    if (buttons[at].getAttribute('aria-selected') === 'true') place.replaceChildren(...shown);
  }
  const begin = () => choose(Math.max(0, all.findIndex((one) => one.title.toLowerCase() === context.query.get('tab'))));
  return { node, begin };
}
