// The people in a deal, with their parts; one of them is the one to talk to.
import { patch as send } from '../api.js';
import { el, icon, iconButton, style } from '../dom.js';
import { change } from '../edit.js';
import { avatar, personName } from '../format.js';
import { toast } from '../toast.js';
import { people } from '../people/subject.js';

style(import.meta.url, './record.css');

const roles = ['Decides', 'Champion', 'Uses it', 'Pays', 'Legal', 'Blocks'];

export function panel(context, given) {
  const able = context.can('member');
  const list = el('ul', { class: 'partners' });
  const search = el('input', { type: 'search', placeholder: 'Add a person', 'aria-label': 'Add a person to the deal', autocomplete: 'off', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'partner-options', 'data-testid': 'partner-search' });
  const options = el('ul', { class: 'options', role: 'listbox', id: 'partner-options', hidden: true });
  const suggested = el('datalist', { id: 'partner-roles' }, roles.map((role) => el('option', { value: role })));
  const node = el('div', { class: 'partnersbox' }, list, able ? el('div', { class: 'picker' }, search, options) : null, suggested);
  let found = [];
  let at = 0;
  let timer;
  let turn = 0; // of what was looked for

  async function save(values) {
    try {
      await change(given.record, values, { show: given.show, who: context.who, send: (record, { primaryPersonName, ...changed }) => send(`/deals/${record.id}`, changed, { version: record.version }) });
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  const all = (deal) => {
    const rest = deal.people.filter((one) => one.personId !== deal.primaryPersonId);
    const first = deal.primaryPersonId ? deal.people.find((one) => one.personId === deal.primaryPersonId) ?? { personId: deal.primaryPersonId, name: deal.primaryPersonName, role: '' } : null;
    return first ? [first, ...rest] : rest;
  };
  function row(one, deal) {
    const main = one.personId === deal.primaryPersonId;
    const role = el('input', { value: one.role, 'aria-label': `Part of ${one.name}`, placeholder: 'Part', list: 'partner-roles', maxlength: 60, disabled: !able, onchange: () => save({ people: all(given.record).map((other) => (other.personId === one.personId ? { ...other, role: role.value } : other)) }) });
    return el('li', {}, avatar(one.name || '?'),
      el('a', { href: `/people/${one.personId}`, 'data-nav': true, dir: 'auto' }, one.name || 'No name'), role,
      able ? iconButton('star', main ? `${one.name} is the one to talk to` : `Make ${one.name} the one to talk to`, () => save({ primaryPersonId: main ? null : one.personId, people: all(given.record) }), { 'aria-pressed': String(main), class: main ? 'quiet main' : 'quiet' }) : null,
      able ? iconButton('close', `Take ${one.name} out of the deal`, () => save({ people: given.record.people.filter((other) => other.personId !== one.personId), ...(main ? { primaryPersonId: null, primaryPersonName: '' } : {}) })) : null);
  }
  function update(deal) {
    if (list.contains(document.activeElement) && document.activeElement.matches('input')) return;
    const rows = all(deal);
    list.replaceChildren(...(rows.length ? rows.map((one) => row(one, deal)) : [el('li', { class: 'muted' }, 'Nobody yet. Who decides?')]));
  }
  function hide() {
    options.hidden = true;
    search.setAttribute('aria-expanded', 'false');
  }
  function mark(next) {
    at = (next + found.length) % found.length;
    [...options.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
  }
  function add(person) {
    clearTimeout(timer);
    turn++;
    hide();
    search.value = '';
    const deal = given.record;
    if (all(deal).some((one) => one.personId === person.id)) return;
    const name = personName(person);
    save({ people: [...all(deal), { personId: person.id, name, role: '' }], ...(deal.primaryPersonId ? {} : { primaryPersonId: person.id, primaryPersonName: name }) });
  }
  async function look() {
    const mine = ++turn;
    const page = await people.calls.list({ q: search.value.trim(), companyId: search.value.trim() ? '' : given.record.companyId, limit: 6, sort: 'name' });
    if (mine !== turn) return;
    found = page.items;
    options.replaceChildren(...found.map((person, i) => el('li', { role: 'option', 'aria-selected': 'false', id: `partner-${i}`, onmousedown: (event) => { event.preventDefault(); add(person); } },
      avatar(personName(person)), el('span', { dir: 'auto' }, personName(person)), el('span', { class: 'muted', dir: 'auto' }, person.companyName))));
    options.hidden = !found.length || document.activeElement !== search;
    search.setAttribute('aria-expanded', String(!options.hidden));
    if (found.length) mark(0);
  }
  search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(look, 120); });
  search.addEventListener('focus', look);
  search.addEventListener('blur', hide);
  search.addEventListener('keydown', (event) => {
    const keys = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Enter: () => found[at] && add(found[at]), Escape: hide };
    if (!keys[event.key] || options.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  update(given.record);
  return { node, update };
}
