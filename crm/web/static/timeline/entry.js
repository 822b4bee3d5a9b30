// One entry of a timeline.
import { get, patch, post, remove as send } from '../api.js';
import { el, icon, iconButton } from '../dom.js';
import { when } from '../format.js';
import { entries, kinds, pathOf } from '../kinds.js';
import { menu } from '../menu.js';
import { toast } from '../toast.js';
import { told } from './changes.js';

const signs = { 'stage-change': 'deals', 'field-change': 'edit', 'ai-summary': 'ask', import: 'upload', task: 'check' };
const said = { note: 'wrote a note', call: 'logged a call', meeting: 'logged a meeting', email: 'logged an e-mail', 'ai-summary': 'had this summed up', import: 'imported this', task: 'did a task' };
const outcomes = { connected: 'reached', voicemail: 'voicemail', 'no-answer': 'no answer', busy: 'busy' };
const people = Object.keys(entries);
const long = 700; // characters of which the rest is folded

// entry draws an activity of a record's timeline. changed(activity) and
// gone(activity) tell the timeline what was done to it. The node has unfold()
// if not all of its text is shown.
export function entry(context, activity, { subject, record, kind, changed, gone }) {
  let unfold;
  const quiet = !people.includes(activity.type) && activity.type !== 'ai-summary';
  const mine = people.includes(activity.type) && context.can('member') && (activity.authorId === context.me.user.id || context.can('admin'));
  const others = activity.links.filter((link) => link.title && link.id !== record.id && !(activity.type === 'stage-change' && link.kind === 'deal'));
  const meta = activity.meta ?? {};
  const facts = [outcomes[meta.outcome], meta.minutes ? `${meta.minutes} min` : '', meta.to ? `to ${meta.to}` : ''].filter(Boolean).join(', ');
  const more = iconButton('more', 'More', () => menu(more, [
    { label: activity.pinned ? 'Unpin' : 'Pin to the top', icon: 'pin', run: pin },
    mine ? { label: 'Edit', icon: 'edit', run: edit } : null,
    mine ? { label: 'Delete', icon: 'trash', danger: true, run: remove } : null,
  ].filter(Boolean), { label: 'Entry', side: 'end' }), { 'aria-haspopup': 'menu' });
  const node = el('li', { class: `entry ${quiet ? 'small' : ''} ${activity.type}`, 'data-id': activity.id, 'data-testid': 'entry' },
    el('span', { class: 'entrysign', 'aria-hidden': 'true' }, icon(entries[activity.type]?.icon ?? signs[activity.type] ?? 'info')),
    el('div', { class: 'entrymain' },
      el('p', { class: 'entryhead' }, el('b', { dir: 'auto' }, activity.authorName || 'ApexAI'), ' ', ...sentence(),
        facts ? el('span', { class: 'muted' }, ` · ${facts}`) : '',
        others.length ? el('span', { class: 'entrywith' }, ' · ', others.map((link, i) => [i ? ', ' : '', el('a', { href: pathOf(link.kind, link.id), 'data-nav': true, dir: 'auto', title: kinds[link.kind].one }, link.title)])) : '',
        el('span', { class: 'spring' }),
        activity.pinned ? el('span', { class: 'entrypin', title: 'Pinned' }, icon('pin'), el('span', { class: 'hidden' }, 'Pinned')) : '',
        when(activity.occurredAt), context.can('member') && !quiet ? more : ''),
      activity.subject && !quiet ? el('p', { class: 'entrysubject', dir: 'auto' }, activity.subject) : '', text()));

  function sentence() {
    if (activity.type === 'field-change') return told(meta, context, subject, record);
    if (activity.type === 'stage-change') return stage(meta, activity, record);
    if (activity.type === 'task') return ['did ', el('bdi', { class: 'changedto' }, activity.subject)];
    return [said[activity.type] ?? activity.subject ?? activity.type];
  }
  function text() {
    if (!activity.body || quiet) return '';
    const body = el('div', { class: 'entrybody', dir: 'auto' }, ...marked(activity.body, context.members));
    const cut = activity.bodyLength > [...activity.body].length;
    if (!cut && activity.body.length <= long && activity.body.split('\n').length <= 12) return body;
    body.classList.add('folded');
    unfold = async () => {
      if (cut) body.replaceChildren(...marked((await get(`/activities/${activity.id}`)).body, context.members));
      body.classList.remove('folded');
      all.remove();
    };
    const all = el('button', { class: 'link small', onclick: () => unfold() }, `Show all${cut ? ` (${activity.bodyLength.toLocaleString()} characters)` : ''}`);
    return el('div', {}, body, all);
  }
  async function pin() {
    changed(await patch(`/activities/${activity.id}`, { pinned: !activity.pinned }, { version: activity.version }));
  }
  async function remove() {
    await send(`/activities/${activity.id}`, { version: activity.version });
    gone(activity);
    toast('Deleted', { undo: async () => changed(await post(`/activities/${activity.id}/restore`)) });
  }
  async function edit() {
    const whole = await get(`/activities/${activity.id}`);
    const field = Object.assign(el('textarea', { class: 'entryedit', rows: 4, dir: 'auto', maxlength: 500000, 'aria-label': 'Text' }), { value: whole.body });
    const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
    const form = el('form', { class: 'entryform', onsubmit: save }, field, fault, el('div', { class: 'ends' },
      el('button', { type: 'button', class: 'button small', onclick: () => changed(whole) }, 'Cancel'), el('button', { class: 'button primary small' }, 'Save')));
    async function save(event) {
      event.preventDefault();
      try {
        changed(await patch(`/activities/${activity.id}`, { body: field.value }, { version: whole.version }));
      } catch (problem) {
        Object.assign(fault, { textContent: problem.status === 412 ? 'Somebody changed this meanwhile. Copy your text, then cancel to see theirs.' : problem.message, hidden: false });
      }
    }
    node.querySelector('.entrymain').replaceChildren(form);
    field.style.height = `${Math.min(field.scrollHeight + 4, 480)}px`;
    field.focus();
  }
  return Object.assign(node, { unfold });
}

// stage is a deal's way from one stage to another, in words.
function stage(meta, activity, record) {
  const deal = activity.links.find((link) => link.kind === 'deal');
  const which = !deal || deal.id === record.id ? 'this' : el('a', { href: pathOf('deal', deal.id), 'data-nav': true, dir: 'auto' }, deal.title || 'a deal');
  if (meta.status === 'won' || meta.status === 'lost') return ['marked ', which, ` as ${meta.status}`, ...(activity.body ? [': ', el('bdi', {}, activity.body)] : [])];
  if (!meta.from || !meta.to) return [activity.subject || 'moved the deal'];
  return ['moved ', which, ' from ', el('bdi', {}, meta.from), ' to ', el('bdi', { class: 'changedto' }, meta.to)];
}

// marked is text with its links and the members that it names.
function marked(text, members) {
  const names = members.map((member) => member.name).sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(https?://[^\\s<>"']+[^\\s<>"'.,;:!?)\\]])${names.length ? `|(@(?:${names.join('|')}))(?![\\p{L}\\p{N}])` : ''}`, 'giu');
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(end, found.index), found[1] ? el('a', { class: 'link', href: found[1], target: '_blank', rel: 'noopener noreferrer' }, found[1]) : el('span', { class: 'mention' }, found[2]));
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}
