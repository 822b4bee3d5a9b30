// The parts that pages are made of.
import { el, icon } from './dom.js';

// page is a page: its bar with a title, or crumbs [[text, href]…] before it,
// tabs and actions, and below it the content.
export function page(title, { crumbs = [], beside, actions = [], className = '' }, ...content) {
  const head = el('h1', { tabindex: -1, dir: 'auto' }, title);
  return el('section', { class: `page ${className}`, 'aria-label': title },
    el('header', { class: 'bar' },
      crumbs.map(([text, href]) => [el('a', { class: 'crumb', href, 'data-nav': true }, text), el('span', { class: 'slash', 'aria-hidden': 'true' }, '/')]),
      head, beside, el('span', { class: 'spring' }), actions),
    ...content);
}

// state is what a page says when it has nothing to show: an empty list, or a fault.
export const state = (sign, title, text, ...actions) => el('div', { class: 'state' },
  el('div', { class: 'bigicon' }, icon(sign)), el('h2', {}, title), text ? el('p', {}, text) : null, actions.length ? el('div', { class: 'choices' }, actions) : null);

// failed says that something could not be loaded, and offers to try again.
export const failed = (what, problem, again) => el('div', { class: 'state', role: 'alert' },
  el('div', { class: 'bigicon' }, icon('warning')), el('h2', {}, `${what} could not be loaded`), el('p', {}, problem.message),
  el('button', { class: 'button', onclick: again }, 'Try again'));

// bones are grey lines in place of what still loads.
export const bones = (lines = 6) => el('div', { class: 'bones', 'aria-hidden': 'true' }, Array.from({ length: lines }, () => el('span')));

const pause = 150; // ms before bones show
const waits = new WeakMap(); // place → the wait that has it

// loading marks a place as waiting for what it is to show; after a moment with
// so many bones, if any, in place of what is there. Calling what it returns
// ends that. Who asks last has the place: what another began shows nothing more.
export function loading(place, lines = 6) {
  clearTimeout(waits.get(place));
  const mine = setTimeout(() => { if (lines) place.replaceChildren(bones(lines)); }, pause);
  waits.set(place, mine);
  place.setAttribute('aria-busy', 'true');
  return () => {
    clearTimeout(mine);
    if (waits.get(place) === mine) place.removeAttribute('aria-busy');
  };
}

// into is what loads something into a place, as often as it is called: ask()
// gets it and show(answer) draws it, unless it was asked for again meanwhile.
export function into(place, ask, show, lines = 0) {
  let turn = 0;
  return async () => {
    const mine = ++turn;
    const loaded = loading(place, lines);
    try {
      const answer = await ask();
      if (mine === turn) show(answer);
    } catch (problem) {
      if (mine === turn) throw problem;
    } finally {
      loaded();
    }
  };
}
