// First steps, on Home until they are done or sent away.
import { get } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { run } from '../commands.js';
import { tourTaken } from '../tour/taken.js';
import { dismiss, mark, progress } from './progress.js';

style(import.meta.url, './welcome.css');

const whole = 5; // steps, of which the tour is one

export async function card(context) {
  if (progress(context).dismissed) return null;
  await notice(context);
  const { done } = progress(context);
  const toured = tourTaken(context);
  if (context.can('admin') ? done.length + toured >= whole : toured) return null;
  const item = (label, is, action) => el('li', { class: is ? 'is' : null }, icon(is ? 'check' : 'chevron-right'), action(label));
  const link = (step) => (label) => el('a', { href: `/welcome?step=${step}`, 'data-nav': true }, label);
  const items = context.can('admin') ? [
    item('Name the workspace', done.includes('name'), link('name')), item('Choose a pipeline', done.includes('pipeline'), link('pipeline')),
    item('Invite a colleague', done.includes('invite'), link('invite')), item('Import contacts, or load demo records', done.includes('data'), link('data'))] : [];
  const node = el('div', { class: 'firststeps' },
    el('header', {}, el('h2', {}, 'First steps'), el('span', { class: 'spring' }), iconButton('close', 'Not now', () => { dismiss(context); node.parentNode.remove(); })),
    el('ul', {}, items, item('Take the tour: five hints, one minute', toured, (label) => el('button', { class: 'textbutton', 'data-testid': 'tour', onclick: () => run('tour') }, label))));
  return { node };
}

// notice takes a step as done that was done elsewhere: somebody is in the list,
// or works here already.
async function notice(context) {
  if (!context.can('admin')) return;
  if (context.members.length > 1) mark(context, 'invite');
  if (progress(context).done.includes('data')) return;
  const { items } = await get('/people', { query: { limit: 1 } });
  if (items.length) mark(context, 'data');
}
