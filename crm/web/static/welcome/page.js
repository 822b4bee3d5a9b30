// First steps in a new workspace: four, each of which can be skipped.
import { el, style } from '../dom.js';
import { page } from '../layout.js';
import { mark } from './progress.js';
import { steps } from './steps.js';

style(import.meta.url, './welcome.css');

export async function open(context) {
  const place = el('div', { class: 'step' });
  const dots = el('ol', { class: 'dots', 'aria-label': 'Steps' }, steps.map((step) => el('li', {}, el('button', { type: 'button', 'aria-label': step.title, onclick: () => show(steps.indexOf(step)) }))));
  const node = page('First steps', { className: 'welcome' }, el('div', { class: 'scroller' }, el('div', { class: 'middle' }, dots, place)));
  const own = Object.assign(Object.create(context), {
    finish(path) { mark(context, 'data'); context.go(path); },
    renamed(name) {
      context.me.workspace.name = name;
      for (const label of document.querySelectorAll('.rail .workspace .label')) label.textContent = name;
    },
  });
  const next = (at) => (at + 1 < steps.length ? show(at + 1) : context.go('/'));

  let turn = 0; // of steps that were wanted: the last one is shown
  async function show(at) {
    const mine = ++turn;
    const step = steps[at];
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    const built = await step.build(own);
    if (mine !== turn) return;
    const go = el('button', { class: at === steps.length - 1 ? 'button' : 'button primary', 'data-testid': 'continue' }, step.label);
    const skip = at === steps.length - 1 ? null : el('button', { type: 'button', class: 'button', 'data-testid': 'skip', onclick: () => next(at) }, step.id === 'invite' ? 'Go on' : 'Skip');
    const form = el('form', { novalidate: true, async onsubmit(event) {
      event.preventDefault();
      go.disabled = true;
      fault.hidden = true;
      try {
        const done = await built.submit(form);
        mark(context, step.id);
        if (done !== false) await next(at);
      } catch (problem) {
        fault.textContent = problem.message;
        fault.hidden = false;
      } finally {
        go.disabled = false;
      }
    } }, built.node, fault, el('div', { class: 'ends' }, skip, go));
    const title = el('h2', { tabindex: -1 }, step.title);
    place.replaceChildren(el('p', { class: 'count muted small' }, `Step ${at + 1} of ${steps.length}`), title, el('p', { class: 'muted' }, step.text), form);
    [...dots.children].forEach((dot, i) => { if (i === at) dot.firstChild.setAttribute('aria-current', 'step'); else dot.firstChild.removeAttribute('aria-current'); });
    const first = form.querySelector('input') ?? title;
    first.setAttribute('autofocus', ''); // the first step is not in the page yet
    first.focus();
  }
  await show(Math.max(0, steps.findIndex((step) => step.id === context.query.get('step'))));
  return { node };
}
