// A draft of an e-mail, written while one looks on. It is sent by a person, or
// not at all.
import { post, stream } from '../api.js';
import { el, icon, style } from '../dom.js';
import { recipient } from '../mail/recipient.js';
import { overlay } from '../overlay.js';
import { toast } from '../toast.js';
import { by, calm } from './words.js';

style(import.meta.url, './assist.css');

// writeDraft asks for a draft about target and calls on({subject, text}) as it
// grows; it resolves to {model} and throws a problem as the API's calls do.
export async function writeDraft(target, { purpose = '', tone = '' }, on, signal) {
  let whole = '';
  let model = '';
  let fault = null;
  await stream('/ai/draft-email', { ...target, purpose, tone }, (name, data) => {
    if (name === 'part') { whole += data.text; on(parted(whole)); }
    if (name === 'done') model = data.model;
    if (name === 'problem') fault = data;
  }, { signal });
  if (fault) throw Object.assign(new Error(fault.detail), { status: fault.status, body: fault });
  if (!model) throw Object.assign(new Error('the answer broke off; try again'), { body: { title: 'The draft broke off', detail: 'What came so far is kept' } });
  return { model };
}

// parted tells the subject, which is the first line, from the text.
function parted(whole) {
  const [, subject = '', text = ''] = whole.match(/^\s*Subject:[ \t]*([^\n]*)\n*([\s\S]*)$/) ?? ['', '', 'Subject:'.startsWith(whole.trim().slice(0, 8)) ? '' : whole];
  return { subject: subject.trim(), text };
}

// draftMail shows the overlay; people of the company are offered to write to.
export function draftMail(context, target, companyId = '') {
  const purpose = el('input', { name: 'purpose', maxlength: 1000, dir: 'auto', placeholder: 'What for? Such as: offer a demo next week', 'aria-label': 'Purpose', autocomplete: 'off' });
  const tone = el('select', { name: 'tone', 'aria-label': 'Tone' }, [['', 'Any tone'], ['friendly', 'Friendly'], ['formal', 'Formal'], ['short', 'Short']].map(([value, label]) => el('option', { value }, label)));
  const write = el('button', { class: 'button', 'data-testid': 'write-draft' }, icon('ask'), 'Write');
  const { input: to, node: whom } = recipient({ target, companyId, changed: ready });
  const subject = el('input', { name: 'subject', maxlength: 300, dir: 'auto' });
  const text = el('textarea', { name: 'text', rows: 12, dir: 'auto' });
  const said = el('div', { class: 'said', 'aria-live': 'polite' });
  const send = el('button', { class: 'button primary', 'data-testid': 'send-draft', disabled: true }, icon('send'), 'Send');
  let asking = null;
  let edited = false; // by hand
  const node = el('div', { class: 'draftmail' },
    el('form', { class: 'field wish', onsubmit: (event) => { event.preventDefault(); if (asking) asking.abort(); else draft(); } }, purpose, tone, write),
    el('form', { class: 'letter', onsubmit: (event) => { event.preventDefault(); deliver(); }, novalidate: true, oninput: () => { edited = true; ready(); } },
      whom, el('label', { class: 'field' }, el('span', {}, 'Subject'), subject), el('label', { class: 'field' }, el('span', {}, 'Text'), text),
      el('div', { class: 'ends' }, said, el('span', { class: 'spring' }), send)));
  const shown = overlay('Draft an e-mail', node, { size: 'large', name: 'assist', onclose: () => asking?.abort(), dirty: () => edited });

  function ready() {
    subject.readOnly = text.readOnly = Boolean(asking); // what is typed now would be written over
    send.disabled = Boolean(asking) || !to.value.trim() || !subject.value.trim() || !text.value.trim();
  }
  async function draft() {
    asking = new AbortController();
    write.lastChild.textContent = 'Stop';
    said.replaceChildren(el('span', { class: 'muted small' }, 'Writing…'));
    ready();
    try {
      const { model } = await writeDraft(target, { purpose: purpose.value, tone: tone.value }, (now) => {
        subject.value = now.subject;
        text.value = now.text;
        text.scrollTop = text.scrollHeight;
      }, asking.signal);
      said.replaceChildren(el('span', { class: 'muted small' }, 'A draft: read it before you send it. '), by(model));
    } catch (problem) {
      said.replaceChildren(problem.name === 'AbortError' ? el('span', { class: 'muted small' }, 'Stopped.') : calm(problem, draft, context));
    } finally {
      asking = null;
      write.lastChild.textContent = text.value ? 'Write again' : 'Write';
      ready();
    }
  }
  async function deliver() {
    send.disabled = true;
    try {
      const mail = await post('/emails', { to: to.value.trim(), subject: subject.value, text: text.value, target });
      shown.close();
      toast(`E-mail to ${mail.to} is on its way`);
    } catch (problem) {
      said.replaceChildren(el('span', { class: 'fault', role: 'alert' }, problem.message));
      ready();
    }
  }
  draft();
}
