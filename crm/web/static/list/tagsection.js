// Settings: tags.
import { get, patch, post, remove } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { menu } from '../menu.js';
import { sure } from '../overlay.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';
import { tagChip } from './values.js';

style(import.meta.url, './list.css');

const kinds = [['person', 'People'], ['company', 'Companies'], ['deal', 'Deals']];
const colors = ['gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'indigo', 'purple', 'pink'];

export async function section(context) {
  const place = el('div', { class: 'deflists' });
  async function load() {
    const { items } = await get('/tags');
    place.replaceChildren(...kinds.map(([kind, title]) => {
      const name = el('input', { 'aria-label': `New tag for ${title.toLowerCase()}`, placeholder: 'New tag', maxlength: 40, required: true, name: `tag-${kind}`, autocomplete: 'off' });
      const own = items.filter((tag) => tag.kind === kind);
      return el('section', { class: 'deflist' }, el('header', {}, el('h3', {}, title), el('span', { class: 'spring' }),
        el('form', { class: 'inline field', onsubmit: (event) => { event.preventDefault(); done(post('/tags', { kind, name: name.value })); } }, name, el('button', { class: 'button small' }, icon('plus'), 'Add'))),
      own.length ? el('ul', {}, own.map(line)) : el('p', { class: 'muted small' }, 'None yet.'));
    }));
  }
  async function done(call) {
    try { await call; } catch (problem) { toast(problem.message, { bad: true }); }
    await load();
  }
  function line(tag) {
    const name = el('input', { 'aria-label': `Name of ${tag.name}`, value: tag.name, maxlength: 40, onchange: () => done(patch(`/tags/${tag.id}`, { name: name.value }, { version: tag.version })) });
    const look = el('button', { type: 'button', class: 'quiet wide', 'aria-haspopup': 'menu', 'aria-label': `Colour of ${tag.name}`, onclick: () => menu(look, colors.map((color) => ({ label: color, node: tagChip({ name: ' ', color }), checked: color === tag.color, run: () => done(patch(`/tags/${tag.id}`, { color }, { version: tag.version })) })), { label: 'Colour' }) }, tagChip(tag));
    return el('li', { 'data-testid': 'tag-line' }, look, el('span', { class: 'field grow' }, name), el('span', { class: 'muted tabular' }, tag.used ? `on ${tag.used.toLocaleString()}` : 'not used'), context.can('admin') ? iconButton('trash', `Delete ${tag.name}`, () => drop(tag)) : null);
  }
  async function drop(tag) {
    if (await sure(`Delete the tag “${tag.name}”?`, { text: tag.used ? `It goes from ${tag.used.toLocaleString()} records, for good.` : 'No record has it.', yes: 'Delete', danger: true })) await done(remove(`/tags/${tag.id}`, { version: tag.version }));
  }
  await load();
  return { node: sheet('Tags', 'Words to sort records by. New ones can also be typed where a record is tagged.', place) };
}
