// Notes to tasks: a note of the record, or a text that is pasted, becomes
// proposals.
import { get, post } from '../api.js';
import { el, style } from '../dom.js';
import { when } from '../format.js';
import { bones } from '../layout.js';
import { overlay } from '../overlay.js';
import { proposalList } from './proposals.js';
import { by, calm, pathOf } from './words.js';

style(import.meta.url, './assist.css');

// findTasks asks for a note or text; done(proposal) is told of each decision,
// and done() when the overlay closes.
export async function findTasks(context, target, { done, activityId } = {}) {
  const notes = el('div', { class: 'notelist', role: 'radiogroup', 'aria-label': 'Notes' });
  const text = el('textarea', { rows: 5, maxlength: 30000, dir: 'auto', placeholder: 'Or paste a transcript, an e-mail or a signature', 'aria-label': 'Text', oninput: () => { if (text.value) for (const one of notes.querySelectorAll('input')) one.checked = false; } });
  const go = el('button', { class: 'button primary', 'data-testid': 'find' }, 'Find tasks');
  const form = el('form', { class: 'field', onsubmit: (event) => { event.preventDefault(); find(); } }, notes, text, el('div', { class: 'ends' }, go));
  const answer = el('div', { class: 'answer', 'aria-live': 'polite' });
  const shown = overlay('Notes to tasks', el('div', { class: 'findtasks' }, form, answer), { size: 'medium', name: 'assist', onclose: () => done?.(), dirty: () => Boolean(text.value.trim()) && !answer.childElementCount });
  if (!activityId) await list();
  else find();

  async function list() {
    const { items } = await get(`/${pathOf[target.kind]}/${target.id}/timeline`, { query: { types: 'note,call,meeting,email', limit: 5 } }).catch(() => ({ items: [] }));
    const written = items.filter(({ body }) => body);
    notes.replaceChildren(...written.map((one, i) => el('label', { class: 'notechoice' },
      el('input', { type: 'radio', name: 'note', value: one.id, checked: !i && !text.value, onchange: () => { text.value = ''; } }),
      el('span', { dir: 'auto' }, (one.subject ? `${one.subject}: ` : '') + one.body.slice(0, 160)), when(one.occurredAt))));
  }
  async function find() {
    const chosen = activityId ?? notes.querySelector('input:checked')?.value;
    if (!text.value.trim() && !chosen) { text.focus(); return; }
    go.disabled = true;
    answer.replaceChildren(bones(3));
    try {
      const found = await post('/ai/extract', text.value.trim() ? { ...target, text: text.value } : { ...target, activityId: chosen });
      draw(found);
    } catch (problem) {
      answer.replaceChildren(problem.status === 422 ? el('p', { class: 'fault', role: 'alert' }, problem.message) : calm(problem, find, context));
    } finally {
      go.disabled = false;
    }
  }
  function draw(found) {
    if (!found.items.length) {
      answer.replaceChildren(el('p', { class: 'muted', 'data-testid': 'none-found' }, found.decided ? 'Nothing new: what this text holds was decided on before.' : 'Nothing to do was found in this text.'));
      return;
    }
    const list = proposalList(context, found.items, { decided: done });
    list.addEventListener('empty', () => shown.close());
    answer.replaceChildren(
      el('p', { class: 'muted small' }, `${found.items.length === 1 ? 'One proposal' : `${found.items.length} proposals`}. Nothing is written until you accept it.`, ' ', by(found.model)), list);
    list.querySelector('button')?.focus();
  }
}
