// The palette: records, pages and everything that can be done, by typing.
// '>' at the beginning leaves only commands, '?' shows the keys.
import { get } from '../api.js';
import { caps, commands, keysOf, run } from '../commands.js';
import { el, icon, style } from '../dom.js';
import { ago } from '../format.js';
import { entries as written, entryPath, kinds, pathOf } from '../kinds.js';
import { overlay } from '../overlay.js';
import { recent } from '../recent.js';
import { spans } from '../typed.js';
import { score } from './score.js';

style(import.meta.url, './palette.css');

const pause = 120; // ms without typing before the server is asked
const shownCommands = 7;
const shownEntries = 5;

export function openPalette(context) {
  const input = el('input', { type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette', 'aria-autocomplete': 'list', 'aria-label': 'Search or command', placeholder: 'Search records, or type a command', autocomplete: 'off', spellcheck: 'false', dir: 'auto', maxlength: 120 });
  const list = el('div', { id: 'palette', role: 'listbox', 'aria-label': 'Results', tabindex: -1 });
  const told = el('p', { class: 'hidden', role: 'status' });
  const node = el('div', { class: 'palette' }, el('div', { class: 'entry' }, icon('search'), input, el('kbd', {}, 'Esc')), list, told);
  const shown = overlay('Palette', node, { place: 'top', name: 'palette-over', bare: true, onclose: () => { asking?.abort(); clearTimeout(timer); } });
  const able = commands().filter((one) => one.title && !one.hidden && one.id !== 'palette');
  let found = []; // records
  let entries = []; // of the list, in order
  let at = 0;
  let asking;
  let timer;
  let coming = null; // what is on its way
  let moved = false; // by the user, from the first entry

  const same = (a, b) => `${a.title} ${a.sub}` === `${b?.title} ${b?.sub}`;
  const asEntry = (one) => ({ title: one.title, icon: one.icon ?? 'right', keys: keysOf(one)[0], run: () => one.run() });
  const asPage = (page) => ({ ...page, run: () => context.go(page.path) });
  const asHit = (hit) => ({ title: hit.title, sub: hit.sub || kinds[hit.kind].one, icon: kinds[hit.kind].icon, run: () => context.go(pathOf(hit.kind, hit.id)) });
  const asSaid = (hit) => ({
    title: marked(hit.title, input.value), sub: `${hit.record.title} · ${written[hit.type].one}, ${ago(hit.at)}`, icon: written[hit.type].icon, tall: true,
    run: ((typed) => () => context.go(entryPath(hit.record, hit.id, typed)))(input.value.trim()),
  });
  const matching = (text) => able.map((one) => [score(text, `${one.title} ${one.group ?? ''}`), one]).filter(([points]) => points > 0).sort(([a], [b]) => b - a).map(([, one]) => asEntry(one));

  function groups() {
    const text = input.value.trim();
    if (text.startsWith('>')) return [['Commands', text.length > 1 ? matching(text.slice(1)) : able.map(asEntry)]];
    if (!text) return [['Recent', recent().slice(0, 6).map(asPage)], ['Commands', able.map(asEntry)]];
    const said = found.filter((hit) => hit.record);
    return [['Records', found.filter((hit) => !hit.record).map(asHit)], ['Notes, calls and mails', said.slice(0, shownEntries).map(asSaid)], ['Commands', matching(text).slice(0, shownCommands)]];
  }
  function draw() {
    const before = entries[at];
    const parts = groups().filter(([, items]) => items.length);
    entries = parts.flatMap(([, items]) => items);
    let number = 0;
    list.replaceChildren(...parts.map(([title, items]) => el('div', { role: 'group', 'aria-label': title }, el('p', { class: 'heading', 'aria-hidden': 'true' }, title), items.map((entry) => option(entry, number++)))));
    if (!entries.length && !timer) list.replaceChildren(el('p', { class: 'nomatch' }, 'No match'));
    told.textContent = entries.length ? `${entries.length} results` : '';
    mark(moved ? Math.max(0, entries.findIndex((one) => same(one, before))) : 0);
  }
  function option(entry, number) {
    return el('div', { role: 'option', class: entry.tall ? 'tall' : null, id: `palette-${number}`, 'aria-selected': 'false', onclick: () => choose(number), onpointermove: () => at !== number && mark(number, false) },
      icon(entry.icon), el('span', { class: 'what', dir: 'auto' }, entry.title), entry.sub ? el('span', { class: 'sub', dir: 'auto' }, entry.sub) : null,
      entry.keys ? el('span', { class: 'caps' }, caps(entry.keys).map((cap) => el('kbd', {}, cap))) : null);
  }
  function mark(next, follow = true) {
    list.querySelector('[aria-selected="true"]')?.setAttribute('aria-selected', 'false');
    at = entries.length ? (next + entries.length) % entries.length : 0;
    const node = list.querySelector(`#palette-${at}`);
    node?.setAttribute('aria-selected', 'true');
    if (follow) node?.scrollIntoView({ block: 'nearest' });
    if (node) input.setAttribute('aria-activedescendant', node.id);
    else input.removeAttribute('aria-activedescendant');
  }
  function choose(number) {
    const entry = entries[number];
    if (!entry) return;
    shown.close();
    entry.run();
  }
  async function ask() {
    timer = null;
    asking?.abort();
    asking = new AbortController();
    const q = input.value.trim();
    if (!q || q.startsWith('>')) { found = []; draw(); return; }
    try {
      found = (await get('/search', { query: { q }, signal: asking.signal })).items.filter((hit) => kinds[hit.kind] || hit.record);
    } catch (fault) {
      if (fault.name === 'AbortError') return;
      found = [];
    }
    draw();
  }
  input.addEventListener('input', () => {
    if (input.value === '?') { shown.close(); run('help'); return; }
    clearTimeout(timer);
    timer = setTimeout(look, pause);
    moved = false;
    draw();
  });
  input.addEventListener('keydown', (event) => {
    const moves = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Home: () => mark(0), End: () => mark(-1), Enter: () => (!moved && (timer || coming) ? settle() : choose(at)) };
    if (!moves[event.key] || event.isComposing) return;
    event.preventDefault();
    if (event.key !== 'Enter') moved = true;
    moves[event.key]();
  });
  function look() {
    const mine = ask().finally(() => { if (coming === mine) coming = null; });
    coming = mine;
    return mine;
  }
  // settle waits for the records that were asked for before Enter chooses.
  async function settle() {
    const typed = input.value;
    clearTimeout(timer);
    await (timer ? look() : coming);
    if (input.value === typed && shown.node.open) choose(at);
  }
  draw();
  input.focus();
}

// marked is a sentence with what was typed in bold.
function marked(text, typed) {
  const parts = [];
  let end = 0;
  for (const [from, to] of spans(text, typed)) {
    parts.push(text.slice(end, from), el('b', {}, text.slice(from, to)));
    end = to;
  }
  return [...parts, text.slice(end)];
}
