// Home: what today asks for, in cards.
import { el, icon, style } from '../dom.js';
import { page } from '../layout.js';
import { run } from '../commands.js';
import { cards } from './cards.js';

style(import.meta.url, './home.css');

const greeting = (hour) => (hour < 5 ? 'Hello' : hour < 12 ? 'Good morning' : hour < 18 ? 'Good afternoon' : 'Good evening');

export async function open(context) {
  const first = context.me.user.name.split(' ')[0];
  const place = el('div', { class: 'cards' });
  const node = page('Home', { className: 'home' }, el('div', { class: 'scroller' }, el('div', { class: 'day' },
    el('h2', { class: 'greeting', dir: 'auto' }, `${greeting(new Date().getHours())}, ${first}`), place)));
  const opened = [];
  for (const one of cards.toSorted((a, b) => a.order - b.order)) {
    const shown = await (await one.load()).card(context);
    if (!shown) continue;
    opened.push(shown);
    place.append(el('section', { class: one.wide ? 'homecard wide' : 'homecard' }, shown.node));
  }
  if (!opened.length) place.append(quick());
  return { node, close: () => { for (const one of opened) one.close?.(); } };
}

// quick is what a workspace without anything in it begins with.
const quick = () => el('section', { class: 'homecard wide quickwins' },
  el('p', { class: 'muted' }, 'Nothing due. Two quick wins:'),
  el('button', { class: 'button', onclick: () => run('create.person') }, icon('person'), 'Add a person'),
  el('button', { class: 'button', onclick: () => run('create.company') }, icon('companies'), 'Add a company'));
