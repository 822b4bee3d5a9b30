// The way in.
import * as api from '../api.js';
import { el, style } from '../dom.js';

style(import.meta.url, './signin.css');

const demo = { name: 'Demo User', email: 'demo@apexai.example' };

// signIn shows the card and calls done when somebody is in.
export async function showSignIn(root, done, note) {
  document.title = 'Sign in · ApexAI CRM';
  const place = el('div', { class: 'ways' }, el('p', { class: 'muted' }, 'One moment…'));
  root.replaceChildren(el('main', { class: 'alone' }, el('div', { class: 'card' },
    el('img', { class: 'mark', src: new URL('../icon.svg', import.meta.url).pathname, alt: '', width: 44, height: 44 }),
    el('h1', {}, 'ApexAI CRM'),
    el('p', { class: 'lead' }, note ?? 'Everyone you work with, and what comes next.'),
    place)));
  let ways;
  try {
    ways = await api.methods();
  } catch (problem) {
    place.replaceChildren(el('p', { class: 'fault', role: 'alert' }, problem.message),
      el('button', { class: 'button wide', onclick: () => showSignIn(root, done, note) }, 'Try again'));
    return;
  }
  place.replaceChildren(ways.demo ? demoForm(done) : el('p', { class: 'muted' }, 'No way to sign in is set up on this installation yet.'));
}

function demoForm(done) {
  const name = el('input', { name: 'name', autocomplete: 'name', maxlength: 120, placeholder: demo.name });
  const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
  const button = el('button', { id: 'sign-in', class: 'button primary wide' }, 'Continue as demo');
  return el('form', {
    async onsubmit(event) {
      event.preventDefault();
      button.disabled = true;
      fault.hidden = true;
      try {
        const given = name.value.trim();
        await api.signIn(given || demo.name, given ? address(given) : demo.email);
        done();
      } catch (problem) {
        fault.textContent = problem.message;
        fault.hidden = false;
        button.disabled = false;
      }
    },
  },
  el('label', { class: 'field' }, el('span', {}, 'Your name ', el('em', {}, 'optional')), name),
  fault, button,
  el('p', { class: 'muted small' }, 'This installation is for development: a name is all it asks for.'));
}

// address makes one for a name, so that two names are two people.
function address(name) {
  const local = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '.').replace(/^\.+|\.+$/g, '').slice(0, 60);
  return `${local || 'guest'}@apexai.example`;
}
