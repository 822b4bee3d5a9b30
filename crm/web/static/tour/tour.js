// The guided tour: hints beside the real thing, one after the other. Enter or
// the right arrow goes on, the left arrow back, Escape ends it.
import { el, style, styled } from '../dom.js';
import { put } from '../menu.js';
import { pages } from '../pages.js';
import { hints } from './hints.js';
import { takeTour } from './taken.js';

style(import.meta.url, './tour.css');

const fingers = matchMedia('(hover: none), (max-width: 760px)');
const patience = 4000; // ms for a page to show what a hint is about, once nothing of it loads any more
const glance = 50; // ms between two looks
let ended = null;

// run begins the tour from the start.
export function run(context) {
  ended?.();
  const all = hints.filter((hint) => pages.some((page) => page.path === hint.path));
  const before = document.activeElement;
  const ring = el('div', { class: 'tourring', popover: 'manual' });
  const bubble = el('div', { class: 'tourhint', role: 'dialog', popover: 'manual', 'aria-labelledby': 'tour-title', 'aria-describedby': 'tour-text', tabindex: -1, onkeydown: keys });
  let at = -1;
  document.body.append(ring, bubble);
  addEventListener('resize', place);

  function keys(event) {
    const moves = { ArrowRight: () => show(at + 1), ArrowLeft: () => show(at - 1), Escape: end };
    event.stopPropagation();
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }
  function place() {
    const target = seen(all[at]?.target);
    if (!target) return;
    const { left, top, width, height } = target.getBoundingClientRect();
    const shown = Math.min(height, innerHeight - top - 12);
    Object.assign(ring.style, { left: `${left - 4}px`, top: `${top - 4}px`, width: `${width + 8}px`, height: `${shown + 8}px` });
    put(bubble, { getBoundingClientRect: () => ({ left, right: left + width, top, bottom: top + Math.min(shown, 160) + 8 }) });
  }
  async function show(next) {
    if (next < 0) return;
    if (next >= all.length) { end(); return; }
    at = next;
    const hint = all[at];
    if (location.pathname !== hint.path) await context.go(hint.path);
    const target = await waitFor(hint.target);
    if (ended !== end || at !== next) return;
    if (!target) { show(next + 1); return; }
    const last = at === all.length - 1;
    bubble.replaceChildren(
      el('h2', { id: 'tour-title' }, hint.title), el('p', { id: 'tour-text' }, fingers.matches ? hint.touch : hint.text),
      el('footer', {}, el('span', { class: 'muted small' }, `${at + 1} of ${all.length}`), el('span', { class: 'spring' }),
        last ? null : el('button', { class: 'button small', 'data-testid': 'tour-end', onclick: end }, 'Skip the tour'),
        el('button', { class: 'button small primary', 'data-testid': 'tour-next', onclick: () => show(at + 1) }, last ? 'Done' : 'Next')));
    for (const node of [ring, bubble]) if (!node.matches(':popover-open')) node.showPopover();
    place();
    bubble.querySelector('.primary').focus();
  }
  function end() {
    if (ended !== end) return;
    ended = null;
    removeEventListener('resize', place);
    ring.remove();
    bubble.remove();
    takeTour(context);
    (before?.isConnected ? before : document.querySelector('main h1'))?.focus({ preventScroll: true });
  }
  ended = end;
  styled().then(() => show(0));
}

const seen = (selector) => [...document.querySelectorAll(selector || 'none')].find((node) => node.checkVisibility());

// waitFor is the node that a hint is about, once it is there, or null.
async function waitFor(selector) {
  for (let still = Date.now(); Date.now() < still + patience;) {
    const node = seen(selector);
    if (node) return node;
    if (document.querySelector('main:is([aria-busy="true"], :has([aria-busy="true"]))')) still = Date.now();
    await new Promise((done) => setTimeout(done, glance));
  }
  return null;
}
