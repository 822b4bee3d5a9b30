// One pipeline: its name, its currency and its stages, saved together.
import { patch, post, remove } from '../api.js';
import { el, icon, iconButton } from '../dom.js';
import { common } from '../money.js';
import { sure } from '../overlay.js';
import { toast } from '../toast.js';

// editor edits a pipeline; saved, gone and ordered tell what came of it.
export function editor(context, pipeline, all, { saved, gone, ordered }) {
  let base = pipeline;
  let rows = [];
  const name = el('input', { name: 'name', maxlength: 80, autocomplete: 'off', dir: 'auto' });
  const currency = el('select', { name: 'currency' });
  const body = el('tbody');
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const save = el('button', { class: 'button primary', 'data-testid': 'save-pipeline', disabled: true }, 'Save');
  const discard = el('button', { type: 'button', class: 'button', hidden: true, onclick: () => set(base) }, 'Discard');
  const first = el('button', { type: 'button', class: 'button', onclick: lead }, 'Make it the first');
  const node = el('form', { class: 'pipelineform', onsubmit: submit, oninput: touched, novalidate: true },
    el('div', { class: 'fields pair' },
      el('label', { class: 'field' }, el('span', {}, 'Name'), name),
      el('label', { class: 'field' }, el('span', {}, 'Currency of new deals'), currency)),
    el('table', { class: 'stages' },
      el('thead', {}, el('tr', {}, ['Stage', 'Chance', 'Stale after', ''].map((text) => el('th', { scope: 'col' }, text)))), body),
    el('button', { type: 'button', class: 'link', 'data-testid': 'add-stage', onclick: add }, 'Add a stage'), fault,
    el('div', { class: 'ends' },
      el('button', { type: 'button', class: 'button danger', 'data-testid': 'delete-pipeline', disabled: all.length < 2, onclick: drop }, 'Delete'), first, el('span', { class: 'spring' }), discard, save));

  function line(stage) {
    const fixed = stage.kind !== 'open';
    const called = stage.name || 'the new stage';
    const title = el('input', { value: stage.name, 'aria-label': 'Name of the stage', maxlength: 60, autocomplete: 'off', dir: 'auto', 'data-testid': 'stage-name' });
    const chance = el('input', { type: 'number', min: 0, max: 100, value: stage.probability, 'aria-label': `Chance of ${called}, percent`, disabled: fixed });
    const days = el('input', { type: 'number', min: 0, max: 3650, value: stage.staleDays || '', placeholder: 'never', 'aria-label': `Days until a deal in ${called} is stale`, disabled: fixed });
    const row = { stage, title, chance, days };
    row.node = el('tr', { class: stage.kind },
      el('td', {}, el('span', { class: 'stagename' }, el('i', { class: stage.kind }), title)),
      el('td', {}, el('span', { class: 'unit' }, chance, '%')), el('td', {}, fixed ? '' : el('span', { class: 'unit' }, days, 'days')),
      el('td', { class: 'tools' }, fixed ? null : [
        iconButton('up', `Move ${called} up`, () => shift(row, -1)), iconButton('down', `Move ${called} down`, () => shift(row, 1)), iconButton('trash', `Take ${called} away`, () => take(row))]));
    return row;
  }
  const openOnes = () => rows.filter(({ stage }) => stage.kind === 'open');
  function draw() {
    body.replaceChildren(...rows.map((row) => row.node));
    touched();
  }
  function shift(row, by) {
    const at = rows.indexOf(row);
    const to = at + by;
    if (to < 0 || rows[to].stage.kind !== 'open') return;
    rows.splice(at, 1);
    rows.splice(to, 0, row);
    const held = document.activeElement;
    draw();
    held.focus();
  }
  function take(row) {
    if (openOnes().length === 1) { toast('A pipeline needs an open stage', { bad: true }); return; }
    rows.splice(rows.indexOf(row), 1);
    draw();
  }
  function add() {
    const row = line({ name: '', kind: 'open', probability: openOnes().at(-1)?.stage.probability ?? 10, staleDays: 14 });
    rows.splice(openOnes().length, 0, row);
    draw();
    row.title.focus();
  }
  const draft = () => ({
    name: name.value, currency: currency.value,
    stages: rows.map(({ stage, title, chance, days }) => ({ ...(stage.id ? { id: stage.id } : {}), name: title.value, kind: stage.kind, probability: Number(chance.value), staleDays: Number(days.value) })),
  });
  let clean = '';
  const dirty = () => JSON.stringify(draft()) !== clean;
  function touched() {
    save.disabled = !dirty();
    discard.hidden = save.disabled;
  }
  function set(next) {
    base = next;
    name.value = next.name;
    currency.replaceChildren(...[...new Set([next.currency, ...common])].map((code) => el('option', { value: code }, code)));
    currency.value = next.currency;
    rows = next.stages.map(line);
    fault.hidden = true;
    clean = JSON.stringify(draft());
    draw();
    clean = JSON.stringify(draft());
    first.hidden = all.length < 2 || all[0].id === next.id;
    touched();
  }
  async function submit(event) {
    event.preventDefault();
    if (save.disabled) return;
    save.disabled = true;
    try {
      const next = await patch(`/pipelines/${base.id}`, draft(), { version: base.version });
      set(next);
      saved(next);
      toast('Saved');
    } catch (problem) {
      if (problem.status === 412) {
        base = { ...base, version: problem.body.current.version };
        problem.message = 'Somebody else changed this pipeline meanwhile. Save again to keep yours, or discard to see theirs.';
        discard.onclick = () => { discard.onclick = null; set(problem.body.current); saved(problem.body.current); };
      }
      fault.replaceChildren(icon('warning'), problem.message);
      fault.hidden = false;
      touched();
    }
  }
  async function drop() {
    if (!(await sure(`Delete “${base.name}”?`, { text: 'It has to be without deals.', yes: 'Delete', danger: true }))) return;
    try {
      await remove(`/pipelines/${base.id}`, { version: base.version });
      toast(`${base.name} is deleted`);
      gone(base);
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  async function lead() {
    const { items } = await post('/pipelines/order', { ids: [base.id] });
    first.hidden = true;
    ordered(items);
  }
  set(pipeline);
  return { node, dirty };
}
