// What the parts of the assistant have in common: the kinds of records as its
// API names them, and calm words for when there is no answer.
import { get } from '../api.js';
import { el, icon } from '../dom.js';

export const pathOf = { person: 'people', company: 'companies', deal: 'deals' };

const lasting = ['ai-off', 'ai-budget'];
const kindOfProblem = (problem) => (problem.body?.type ?? '').split('/').pop();

// calm says why there is no answer, without alarm; again offers to ask once
// more where that may help.
export function calm(problem, again, context) {
  const kind = kindOfProblem(problem);
  const admin = lasting.includes(kind) && context?.can('admin');
  return el('div', { class: 'assistcalm', role: 'status', 'data-testid': 'assist-calm' },
    icon(kind === 'ai-off' ? 'info' : 'clock'),
    el('div', {}, el('strong', {}, problem.body?.title ?? 'The assistant has no answer'), el('p', {}, sentence(problem.body?.detail ?? problem.message)),
      lasting.includes(kind) || !again ? null : el('button', { type: 'button', class: 'link small', onclick: again }, 'Try again'),
      admin ? el('a', { class: 'link small', href: '/settings/assistant', 'data-nav': true }, 'Settings') : null));
}

const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, '')}.` : '');

let asked = null;

// available is whether a model may be asked; it is asked for once a minute.
export function available() {
  if (!asked || Date.now() - asked.at > 60000) asked = { at: Date.now(), answer: get('/ai/settings').then((s) => s.available, () => false) };
  return asked.answer;
}

// forgetAvailable is for when the settings were changed.
export function forgetAvailable() { asked = null; }

// standin says so where no language model answered.
export const by = (model) => (model ? el('span', { class: 'assistmodel', title: model }, model.includes('stand-in') ? 'local stand-in' : model) : null);
