// Settings: pipelines and their stages.
import { get, post } from '../api.js';
import { el, icon, style } from '../dom.js';
import { menu } from '../menu.js';
import { sheet } from '../settings/sheet.js';
import { toast } from '../toast.js';
import { editor } from './editor.js';

style(import.meta.url, './pipelines.css');

export async function section(context, rest) {
  const [{ items }, presets] = await Promise.all([get('/pipelines'), get('/pipelines/presets')]);
  let pipelines = items;
  let opened;
  const names = el('div', { class: 'pipelines', role: 'tablist', 'aria-label': 'Pipelines', onkeydown: keys });
  const place = el('div', { role: 'tabpanel', id: 'pipeline' });
  const add = el('button', { type: 'button', class: 'button small', 'aria-haspopup': 'menu', 'data-testid': 'add-pipeline', onclick: () => menu(add, presets.items.map((one) => ({
    label: one.name, hint: `${one.stages.length - 2} stages`, run: () => make(one) })), { label: 'Begin with' }) }, icon('plus'), 'Add pipeline');
  const node = sheet('Pipelines', 'The stages that a deal goes through. Three to seven are enough for most teams.', el('div', { class: 'pipelinebar' }, names, add), place);

  async function make(preset) {
    let name = preset.name;
    for (let n = 2; pipelines.some((one) => one.name === name); n++) name = `${preset.name} ${n}`;
    try {
      const made = await post('/pipelines', { preset: preset.key, name, currency: pipelines[0].currency });
      pipelines = [...pipelines, made];
      show(made);
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
  }
  function keys(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const tabs = [...names.children];
    tabs.at((tabs.indexOf(document.activeElement) + by) % tabs.length).focus();
    document.activeElement.click();
  }
  function show(one) {
    opened = editor(context, one, pipelines, {
      saved: (next) => { pipelines = pipelines.map((p) => (p.id === next.id ? next : p)); tell(next); },
      gone: (old) => { pipelines = pipelines.filter((p) => p.id !== old.id); show(pipelines[0]); },
      ordered: (all) => { pipelines = all; tell(one); },
    });
    place.replaceChildren(opened.node);
    tell(one);
  }
  function tell(one) {
    names.replaceChildren(...pipelines.map((p) => el('button', { type: 'button', role: 'tab', 'aria-selected': String(p.id === one.id), 'aria-controls': 'pipeline', tabindex: p.id === one.id ? 0 : -1, dir: 'auto', onclick: () => p.id !== one.id && show(p) }, p.name)));
  }
  show(pipelines.find(({ id }) => id === rest) ?? pipelines[0]);
  return { node, dirty: () => opened.dirty() };
}
