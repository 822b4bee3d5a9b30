// The page of one record: who or what it is, what happened, and its details.
import { el, icon, iconButton, style } from '../dom.js';
import { announce } from '../edit.js';
import { avatar } from '../format.js';
import { kindOf } from '../kinds.js';
import { page } from '../layout.js';
import { menu } from '../menu.js';
import { forget, visited } from '../recent.js';
import { subjects } from '../subjects.js';
import { toast } from '../toast.js';
import { panels } from './panels.js';
import { reach } from './reach.js';
import { tabs } from './tabs.js';
import { neighbour } from './trail.js';

style(import.meta.url, './record.css');

export async function open(context, { id }, { kind }) {
  const subject = subjects[kind];
  let record = await subject.calls.get(id);
  const wanted = panels.filter((one) => one.kinds.includes(kind)).sort((a, b) => a.order - b.order);
  const parts = []; // the panels that are open
  let closed = false;
  const given = { kind, subject, refresh, show, get record() { return record; } };
  const load = async (one) => {
    const part = await (await one.load()).panel(context, given, one);
    if (closed) part.close?.();
    parts.push(part);
    return part;
  };

  const mark = el('span');
  const title = el('h1', { tabindex: -1, dir: 'auto' });
  const below = el('p', { class: 'sub', dir: 'auto' });
  const ways = reach(context, kind);
  const trashed = el('div', { class: 'notice', role: 'status', hidden: true });
  const head = el('div', { class: 'headparts' });
  const side = el('aside', { class: 'side', 'aria-label': 'Details' });
  const middle = tabs(context, wanted.filter((one) => one.place === 'tab'), load);
  const node = page('', { className: 'record' },
    el('div', { class: 'scroller' },
      trashed,
      el('div', { class: 'who' }, mark, el('div', { class: 'called' }, title, below, ways.node), head),
      el('div', { class: middle ? 'columns' : 'columns single' }, middle?.node, side)));
  node.querySelector('.bar').replaceChildren(
    el('a', { class: 'crumb', href: `/${kind}`, 'data-nav': true }, icon(kind), subject.title), el('span', { class: 'slash', 'aria-hidden': 'true' }, '/'), el('span', { class: 'here', dir: 'auto' }),
    el('span', { class: 'spring' }), ...tools());

  function tools() {
    const moves = neighbour(kind, id, -1) || neighbour(kind, id, 1)
      ? [iconButton('up', 'Record before ([)', () => step(-1), { disabled: !neighbour(kind, id, -1) }), iconButton('down', 'Next record (])', () => step(1), { disabled: !neighbour(kind, id, 1) })] : [];
    const more = iconButton('more', 'More', () => menu(more, [
      { label: 'Copy link', icon: 'link', run: copy },
      ...(context.can('member') ? [null, { label: `Delete ${subject.one}`, icon: 'trash', danger: true, run: remove }] : []),
    ], { label: 'More', side: 'end' }), { 'aria-haspopup': 'menu' });
    return [...moves, context.can('member') ? iconButton('trash', `Delete this ${subject.one}`, remove, { 'data-testid': 'delete' }) : '', more];
  }
  function heading() {
    const name = subject.name(record);
    title.textContent = name;
    under(subject.below(record));
    ways.show(record);
    node.querySelector('.here').textContent = name;
    node.setAttribute('aria-label', name);
    mark.replaceChildren(avatar(name, `${subject.shape} big`));
    context.title(name);
    visited({ path: `/${kind}/${id}`, title: name, sub: subject.below(record), icon: subject.icon });
    trashed.hidden = !record.deletedAt;
    trashed.replaceChildren(icon('trash'), `This ${subject.one} is in the trash.`, context.can('member') ? el('button', { class: 'button small', onclick: restore }, 'Restore') : '');
  }
  // under shows a text below the name, in which the record's company leads to its page.
  function under(text) {
    const { companyId, companyName } = record;
    const href = `/companies/${companyId}`;
    if (below.textContent === text && below.querySelector('a')?.getAttribute('href') === href) return;
    const at = companyId && companyName ? text.indexOf(companyName) : -1;
    below.replaceChildren(...(at < 0 ? [text] : [text.slice(0, at), el('a', { href, 'data-nav': true }, companyName), text.slice(at + companyName.length)]));
  }
  // show draws what is known of the record, unless more is known: answers may come in any order.
  function show(next) {
    if (next.version < record.version) return;
    record = next;
    heading();
    for (const part of parts) part.update?.(record);
    announce(kind, id, record);
  }
  async function refresh() { show(await subject.calls.get(id)); }
  async function restore() { show(await subject.calls.restore(id)); }
  async function copy() {
    await navigator.clipboard.writeText(location.href);
    toast('Link copied');
  }
  async function remove() {
    const gone = record;
    await subject.calls.remove(id, gone.version);
    announce(kind, id, null);
    forget(`/${kind}/${id}`);
    context.go(`/${kind}`);
    toast(`${subject.name(gone)} is in the trash`, { undo: async () => announce(kind, id, await subject.calls.restore(id)) });
  }
  function step(by) {
    const next = neighbour(kind, id, by);
    if (next) context.go(`/${kind}/${next}`, { replace: true });
  }

  // What is made here is about this record.
  if (context.can('member')) {
    context.command({ id: 'create.email', title: 'New e-mail', short: 'E-mail', group: 'Create', keys: 'c e', icon: 'mail', order: 60, run: async () => { (await import('../mail/compose.js')).compose(context, { kind, record }); } });
    context.command({ id: 'record.delete', title: `Delete this ${subject.one}`, group: subject.title, icon: 'trash', run: remove });
    context.command({ id: 'create.task', title: 'New task', short: 'Task', group: 'Create', keys: 'c t', icon: 'tasks', order: 40, run: async () => { (await import('../tasks/sheet.js')).add(context, { target: { kind: kindOf[kind], id, title: subject.name(record) } }); } });
  }
  context.command({ id: 'record.before', title: 'Record before', group: subject.title, keys: '[', icon: 'up', run: () => step(-1) });
  context.command({ id: 'record.next', title: 'Next record', group: subject.title, keys: ']', icon: 'down', run: () => step(1) });
  context.command({ id: 'record.link', title: 'Copy link', group: subject.title, icon: 'link', run: copy });
  context.command({ id: 'record.close', title: 'Back', group: subject.title, keys: 'Escape', run: (event) => (event.target.closest('input, textarea, select, [contenteditable]') ? event.target.blur() : context.go(`/${kind}`)) });

  heading();
  for (const one of wanted.filter(({ place }) => place !== 'tab')) {
    const part = await load(one);
    (one.place === 'head' ? head : side).append(one.place === 'head' ? part.node : el('section', { class: 'part' }, el('h2', {}, one.title), part.node));
  }
  await middle?.begin();
  return { node, dirty: () => parts.some((part) => part.dirty?.()), close: () => { closed = true; for (const part of parts) part.close?.(); } };
}
