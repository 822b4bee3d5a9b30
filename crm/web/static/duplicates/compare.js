// Two records side by side, and the way to make one of them.
import { get, post } from '../api.js';
import { announce } from '../edit.js';
import { el, icon, style } from '../dom.js';
import { avatar } from '../format.js';
import { schemaOf, valueOf } from '../list/schema.js';
import { show } from '../list/values.js';
import { overlay } from '../overlay.js';
import { toast } from '../toast.js';

style(import.meta.url, './duplicates.css');

// What is compared of each kind, and as what a choice is sent.
const compared = {
  people: ['firstName', 'lastName', 'title', 'companyName', 'owner', 'source', 'address'],
  companies: ['name', 'domain', 'industry', 'sizeBand', 'owner', 'source', 'address'],
  deals: ['title', 'amount', 'closeDate', 'companyName', 'primaryPersonName', 'owner'],
};
const sent = { companyName: 'companyId', primaryPersonName: 'primaryPersonId', owner: 'ownerId', amount: 'amountMinor' };
const labels = { primaryPersonName: 'Contact' };
const come = {
  people: 'Addresses, numbers and tags of both are kept; deals, tasks and the timeline come along.',
  companies: 'Tags of both are kept; people, deals, tasks and the timeline come along.',
  deals: 'People and tags of both are kept; tasks, mails and the timeline come along. The stage is that of the deal that stays.',
};

const empty = (value) => value === undefined || value === null || value === '' || value.length === 0;
const nameSent = (name) => (name.startsWith('cf.') ? `custom.${name.slice(3)}` : sent[name] ?? name);

// compare shows two records of a subject, first and other; merged({winner,
// loser}) is called once they are one, parted() once that was undone.
export async function compare(context, subject, [first, other], { merged, parted }) {
  const { fields } = await schemaOf(subject.kind);
  const both = [first, other];
  const key = (record, name) => record[sent[name]] ?? valueOf(record, name);
  const names = [...compared[subject.kind], ...fields.map(({ name }) => name).filter((name) => name.startsWith('cf.'))]
    .filter((name) => JSON.stringify(key(first, name) ?? '') !== JSON.stringify(key(other, name) ?? '') || JSON.stringify(valueOf(first, name) ?? '') !== JSON.stringify(valueOf(other, name) ?? ''));
  let stays = 0; // which of the two

  const fates = both.map(() => el('span', { class: 'fate' }));
  const head = el('fieldset', { class: 'mergehead' }, el('legend', { class: 'hidden' }, 'Which one stays'), both.map((record, at) => el('label', { class: 'mergeside' },
    el('input', { type: 'radio', name: 'merge-stays', value: at, checked: at === 0, 'data-testid': `stays-${at}`, onchange: () => { stays = at; choose(); } }),
    avatar(subject.name(record), subject.shape),
    el('span', { class: 'called' }, el('strong', { dir: 'auto' }, subject.name(record)), el('span', { class: 'muted small', dir: 'auto' }, subject.below(record)), fates[at]))));
  const lines = names.map((name) => {
    const field = fields.find((one) => one.name === name) ?? { name, label: labels[name] ?? name, type: 'text' };
    const boxes = both.map((record, at) => el('input', { type: 'radio', name: `merge-${name}`, value: at, onchange: () => { line.touched = true; } }));
    const line = { name, boxes, touched: false, node: el('fieldset', { class: 'mergeline', 'data-name': name }, el('legend', {}, field.label || name),
      both.map((record, at) => el('label', { class: 'mergechoice' }, boxes[at], show(field, valueOf(record, name), context)))) };
    return line;
  });
  // choose takes what the one that stays says, where it says something, unless
  // the user has chosen.
  function choose() {
    fates.forEach((node, at) => { node.textContent = at === stays ? 'Stays' : 'Goes into the trash'; });
    for (const { name, boxes, touched } of lines) if (!touched) boxes[empty(valueOf(both[stays], name)) ? 1 - stays : stays].checked = true;
  }
  choose();
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const now = el('button', { class: 'button primary', 'data-testid': 'merge-now', autofocus: true }, icon('merge'), 'Merge');
  const form = el('form', { class: 'merge', onsubmit: submit }, head,
    lines.length ? lines.map(({ node }) => node) : el('p', { class: 'muted' }, 'They say the same of everything.'),
    el('p', { class: 'muted small' }, `${come[subject.kind]} It can be undone.`), fault, el('div', { class: 'ends' }, now));
  const shown = overlay(`Merge two ${subject.many}`, form, { size: 'large', name: 'mergeover' });

  async function submit(event) {
    event.preventDefault();
    const [winner, loser] = [both[stays], both[1 - stays]];
    const choices = Object.fromEntries(lines.map(({ name, boxes }) => [nameSent(name), boxes[stays].checked ? 'mine' : 'theirs']));
    now.disabled = true;
    try {
      const done = await post(`/${subject.kind}/${winner.id}/merge`, { with: loser.id, choose: choices }, { version: winner.version });
      shown.close();
      announce(subject.kind, loser.id, null);
      announce(subject.kind, winner.id, done.record);
      toast(`${subject.name(done.record)}: one ${subject.one} of two`, { undo: () => part(done.id, [winner, loser]) });
      await merged({ winner: done.record, loser });
    } catch (problem) {
      now.disabled = false;
      fault.textContent = problem.status === 412 ? 'Somebody changed this meanwhile. Close this, look, and merge again.' : problem.message;
      fault.hidden = false;
    }
  }
  async function part(id, records) {
    await post(`/merges/${id}/undo`);
    for (const record of records) announce(subject.kind, record.id, await get(`/${subject.kind}/${record.id}`));
    await parted();
    toast('There are two again');
  }
}

// apart says that two records are not the same, or takes that back.
export const apart = (kind, a, b, yes) => post('/duplicates/apart', { kind, a: a.id, b: b.id, apart: yes });

// likeness is why two records may be the same, in words.
export const likeness = (why) => (why[0] === 'similar name' ? 'Similar name' : `Same ${why.length > 1 ? `${why.slice(0, -1).join(', ')} and ${why.at(-1)}` : why[0]}`);
