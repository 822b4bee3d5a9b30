// Names that are offered while one is typed behind an @.
import { el } from '../dom.js';
import { avatar } from '../format.js';

const most = 6;
let made = 0;

// mentions watches a field of text.
export function mentions(context, field) {
  const id = `mentions-${++made}`;
  const list = el('ul', { class: 'options mentions', role: 'listbox', id, 'aria-label': 'Members', hidden: true });
  let found = [];
  let at = 0;
  let from = -1;
  field.after(list);
  field.setAttribute('aria-controls', id);

  function close() { list.hidden = true; from = -1; field.removeAttribute('aria-activedescendant'); }
  function mark(next) {
    at = (next + found.length) % found.length;
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
    field.setAttribute('aria-activedescendant', `${id}-${at}`);
  }
  function take(member) {
    const end = field.selectionStart;
    field.setRangeText(`@${member.name} `, from, end, 'end');
    close();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  field.addEventListener('input', () => {
    const before = field.value.slice(0, field.selectionStart);
    const typed = /(?:^|[\s(])@([\p{L}\p{M}\p{N} .'-]{0,30})$/u.exec(before);
    if (!typed) { close(); return; }
    const begun = typed[1].toLowerCase();
    found = context.members.filter((member) => member.name.toLowerCase().split(' ').some((_, i, words) => words.slice(i).join(' ').startsWith(begun))).slice(0, most);
    if (!found.length || found.some((member) => member.name.toLowerCase() === begun.trim() && begun.endsWith(' '))) { close(); return; }
    from = before.length - typed[1].length - 1;
    list.replaceChildren(...found.map((member, i) => el('li', { role: 'option', id: `${id}-${i}`, onmousedown: (event) => { event.preventDefault(); take(member); } }, avatar(member.name), el('span', { dir: 'auto' }, member.name))));
    list.hidden = false;
    mark(0);
  });
  field.addEventListener('blur', close);
  field.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    const keys = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Enter: () => take(found[at]), Tab: () => take(found[at]), Escape: close };
    if (!keys[event.key] || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  return { open: () => !list.hidden };
}
