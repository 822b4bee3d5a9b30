// Reports: five of them on one page, for a time, an owner and a pipeline.
import { get } from '../api.js';
import { dayOf } from '../day.js';
import { el, icon, style } from '../dom.js';
import { bones, failed, loading, page } from '../layout.js';
import { menu } from '../menu.js';
import { clock, zoneOf } from '../tasks/due.js';
import { save } from './csv.js';
import { parts } from './parts.js';

style(import.meta.url, './reports.css');

const ranges = { month: ['This month', 0], quarter: ['Last 3 months', 2], half: ['Last 6 months', 5], year: ['Last 12 months', 11], all: ['Last 5 years', 59] };

// back is the first of the month so many months before a day's own.
const back = (day, months) => dayOf(new Date(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 - months, 1, 12));

export async function open(context) {
  const pipelines = (await get('/pipelines')).items;
  const range = () => (ranges[context.query.get('range')] ? context.query.get('range') : 'year');
  const owner = () => context.query.get('owner') ?? '';
  const chosen = () => pipelines.find(({ id }) => id === context.query.get('pipeline')) ?? pipelines[0];
  const button = (id, sign, label, items) => { const one = el('button', { type: 'button', class: 'button filter', 'aria-haspopup': 'menu', 'data-testid': id, onclick: () => menu(one, items(), { label, side: 'end' }) }, icon(sign), el('span', { class: 'label', dir: 'auto' })); return one; };
  const when = button('range', 'calendar', 'Time', () => Object.entries(ranges).map(([key, [label]]) => ({ label, checked: key === range(), run: () => set({ range: key }) })));
  const whose = button('report-owner', 'person', 'Owner', () => [{ label: 'Everybody', checked: !owner(), run: () => set({ owner: '' }) }, null, ...context.members.map(({ id, name }) => ({ label: name, checked: owner() === id, run: () => set({ owner: id }) }))]);
  const which = button('report-pipeline', 'deals', 'Pipeline', () => pipelines.map(({ id, name }) => ({ label: name, checked: id === chosen().id, run: () => set({ pipeline: id }) })));
  which.hidden = pipelines.length < 2;
  const sections = parts.map((part) => section(part, ask));
  const node = page('Reports', { className: 'reports', actions: [which, whose, when] }, el('div', { class: 'scroller' }, el('div', { class: 'reportgrid' }, sections.map((one) => one.node))));

  function ask() {
    const zone = zoneOf(context);
    const today = clock(zone).date;
    return { from: back(today, ranges[range()][1]), to: today, zone, pipelineId: chosen().id, ownerId: owner() };
  }
  function set(values) {
    context.setQuery(values);
    load();
  }
  function load() {
    say(when, 'Time', ranges[range()][0]);
    say(whose, 'Owner', owner() ? context.who(owner()) : 'Everybody');
    say(which, 'Pipeline', chosen().name);
    whose.classList.toggle('on', Boolean(owner()));
    return Promise.all(sections.map((one) => one.load()));
  }
  load();
  return { node, keep: true, resume: load };
}

// say has a button tell what it is set to, also where there is no room for the words.
function say(button, label, value) {
  button.querySelector('.label').textContent = value;
  button.setAttribute('aria-label', `${label}: ${value}`);
}

// section is one report under its heading.
function section(part, ask) {
  const place = el('div', { class: 'drawn' }, bones(3));
  const file = el('button', { type: 'button', class: 'quiet', 'aria-label': `${part.title} as CSV`, title: 'As CSV', disabled: true }, icon('download'));
  const node = el('section', { class: `report ${part.name}`, 'aria-label': part.title, 'data-testid': `report-${part.name}` },
    el('header', {}, el('div', {}, el('h2', {}, part.title), el('p', { class: 'muted' }, part.text)), file), place);
  let turn = 0;
  async function load() {
    const mine = ++turn;
    const loaded = loading(place, 0);
    try {
      const report = await get(`/reports/${part.name}`, { query: ask() });
      if (mine !== turn) return;
      file.disabled = !part.some(report);
      file.onclick = () => save(`${part.name}-${dayOf()}`, part.rows(report));
      if (part.some(report)) place.replaceChildren(...part.draw(report).filter(Boolean));
      else place.replaceChildren(sample(part));
    } catch (problem) {
      if (mine === turn && problem.status !== 401) place.replaceChildren(failed(part.title, problem, load));
    } finally {
      loaded();
    }
  }
  return { node, load };
}

// sample is how the report will look once there is something to report.
function sample(part) {
  const grey = el('div', { class: 'grey', 'aria-hidden': 'true' }, part.draw(part.sample));
  grey.inert = true;
  return el('div', { class: 'sample' }, grey, el('p', {}, el('span', {}, part.needs)));
}
