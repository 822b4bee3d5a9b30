// Home: what today asks for, in cards.
import { el, icon, style } from '../dom.js';
import { bones, page } from '../layout.js';
import { run } from '../commands.js';
import { cards } from './cards.js';

style(import.meta.url, './home.css');

const pause = 150; // ms before the place of a card that still loads is shown

const greeting = (hour) => (hour < 5 ? 'Hello' : hour < 12 ? 'Good morning' : hour < 18 ? 'Good afternoon' : 'Good evening');

// open has all cards load at once. One that is slow or fails leaves the others alone.
export async function open(context) {
  const first = context.me.user.name.split(' ')[0];
  const place = el('div', { class: 'cards' });
  const node = page('Home', { className: 'home' }, el('div', { class: 'scroller' }, el('div', { class: 'day' },
    el('h2', { class: 'greeting', dir: 'auto' }, `${greeting(new Date().getHours())}, ${first}`), place)));
  let closed = false;
  const ends = [];

  async function fill(one, section) {
    try {
      const shown = await (await one.load()).card(context);
      if (closed) { shown?.close?.(); return; }
      if (shown?.close) ends.push(shown.close);
      if (shown) section.replaceChildren(shown.node);
      else section.remove();
    } catch (problem) {
      section.replaceChildren(missed(problem, () => fill(one, section)));
    }
    section.removeAttribute('aria-busy');
  }
  const filled = cards.toSorted((a, b) => a.order - b.order).map((one) => {
    const section = el('section', { class: one.wide ? 'homecard wide' : 'homecard', 'aria-busy': 'true' }, bones(2));
    place.append(section);
    return fill(one, section);
  });
  const whole = Promise.all(filled).then(() => { if (!place.children.length) place.append(quick()); });
  await Promise.race([whole, new Promise((go) => setTimeout(go, pause))]);
  return { node, close: () => { closed = true; for (const end of ends) end(); } };
}

// missed is a card that could not be loaded.
const missed = (problem, again) => el('p', { class: 'homecalm', role: 'alert' }, icon('warning'), el('span', {}, problem.message),
  el('button', { type: 'button', class: 'link', onclick: again }, 'Try again'));

// quick is what a workspace without anything in it begins with.
const quick = () => el('section', { class: 'homecard wide quickwins' },
  el('p', { class: 'muted' }, 'Nothing due. Two quick wins:'),
  el('button', { class: 'button', onclick: () => run('create.person') }, icon('person'), 'Add a person'),
  el('button', { class: 'button', onclick: () => run('create.company') }, icon('companies'), 'Add a company'));
