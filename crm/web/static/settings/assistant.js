// The assistant: whether it may be asked, whom, and what it has cost.
import { get, patch } from '../api.js';
import { el, style } from '../dom.js';
import { forgetAvailable } from '../assist/words.js';
import { toast } from '../toast.js';
import { sheet } from './sheet.js';

style(import.meta.url, '../assist/assist.css');

const names = { gemini: 'Google Gemini', openai: 'OpenAI, or a server of its API' };
const tasks = { summary: 'Summaries', draft: 'Drafts', extract: 'Notes to tasks', query: 'Questions', actions: 'Wording', digest: 'Digests' };
const svg = (tag, attributes) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

export async function section(context) {
  let [settings, usage] = await Promise.all([get('/ai/settings'), get('/ai/usage')]);
  const able = context.can('admin');
  const place = el('div', { class: 'assistsettings' });
  const node = sheet('Assistant', 'It sums up, drafts and proposes. Nothing it says is written until somebody accepts it.', place);

  async function change(values) {
    try {
      settings = await patch('/ai/settings', values);
      forgetAvailable();
      toast('Saved');
    } catch (problem) {
      toast(problem.message, { bad: true });
    }
    draw();
  }
  const flip = (name, label, hint) => el('label', { class: 'assistswitch' },
    el('input', { type: 'checkbox', role: 'switch', checked: settings[name], disabled: !able, 'data-testid': `ai-${name}`, onchange: (event) => change({ [name]: event.target.checked }) }),
    el('span', {}, label, hint ? el('span', { class: 'muted small' }, hint) : null));
  function provider({ name, model, resting }) {
    return flip(name, names[name], resting ? `${model}: it failed several times in a row and rests for half a minute` : model);
  }
  function draw() {
    const held = document.activeElement?.dataset.testid;
    place.replaceChildren(
      flip('on', 'The assistant may be asked', settings.providers.length ? '' : 'No language model is set up here: scores and next actions work by rules.'),
      settings.providers.length ? el('fieldset', {}, el('legend', {}, 'Who is asked, in this order'), settings.providers.map(provider)) : '',
      budget(),
      el('h3', {}, 'Last 30 days'), chart(), table());
    place.querySelector(`[data-testid="${held}"]`)?.focus();
  }
  function budget() {
    const share = settings.dailyTokens ? Math.min(100, Math.round((100 * usage.today) / settings.dailyTokens)) : 100;
    const fill = el('span');
    fill.style.width = `${share}%`;
    const input = el('input', { type: 'number', name: 'dailyTokens', min: 0, max: 1000000000, step: 1000, value: settings.dailyTokens, disabled: !able });
    return el('form', { class: 'assistbudget', onsubmit: (event) => { event.preventDefault(); change({ dailyTokens: Number(input.value) }); } },
      el('label', { class: 'field' }, el('span', {}, 'Tokens a day'), input),
      able ? el('button', { class: 'button' }, 'Save') : null,
      el('p', { class: 'muted small', 'data-testid': 'ai-today' }, `${usage.today.toLocaleString()} of ${settings.dailyTokens.toLocaleString()} used today; it begins anew at midnight UTC.`),
      el('span', { class: share >= 100 ? 'gauge full' : 'gauge', 'aria-hidden': 'true' }, fill));
  }
  function chart() {
    const most = Math.max(1, ...usage.days.map(({ tokens }) => tokens));
    const node = svg('svg', { viewBox: '0 0 300 60', preserveAspectRatio: 'none', class: 'assistchart', role: 'img', 'aria-label': `Tokens of the last 30 days, at most ${most.toLocaleString()} on a day` });
    usage.days.forEach((day, i) => {
      const height = day.tokens ? Math.max(2, (56 * day.tokens) / most) : 1;
      const bar = svg('rect', { x: i * 10 + 1, y: 60 - height, width: 8, height, class: day.tokens ? 'some' : 'no' });
      bar.append(svg('title', {}));
      bar.firstChild.textContent = `${day.day}: ${day.tokens.toLocaleString()} tokens, ${day.calls} questions`;
      node.append(bar);
    });
    return node;
  }
  function table() {
    if (!usage.tasks.length) return el('p', { class: 'muted' }, 'Nothing was asked yet.');
    const head = ['For', 'Provider', 'Questions', 'Failed', 'Tokens', 'Seconds'];
    return el('div', { class: 'assisttable' }, el('table', {}, el('thead', {}, el('tr', {}, head.map((text, i) => el('th', { scope: 'col', class: i > 1 ? 'n' : null }, text)))),
      el('tbody', {}, usage.tasks.map((t) => el('tr', {}, el('td', {}, tasks[t.task] ?? t.task), el('td', {}, t.provider || 'none'),
        [t.calls, t.failed, t.tokens].map((n) => el('td', { class: 'n' }, n.toLocaleString())), el('td', { class: 'n' }, (t.ms / 1000).toFixed(1)))))));
  }
  draw();
  return { node };
}
