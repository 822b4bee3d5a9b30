// Whom a letter goes to: an address, with likely ones to choose from.
import { get, post } from '../api.js';
import { el } from '../dom.js';
import { personName } from '../format.js';

const pause = 150; // ms without typing before searching
let made = 0;

// recipient is the field. target is what the letter is about, as the API names
// it; the address of its person is filled in unless one is typed first.
// companyId says whose people are offered before anything is typed.
export function recipient({ target = null, companyId = '', to = '', changed = () => {} }) {
  const list = el('datalist', { id: `recipients-${++made}` });
  const input = el('input', { name: 'to', type: 'email', autocomplete: 'off', required: true, maxlength: 254, dir: 'ltr', list: list.id, value: to, oninput: typed });
  let timer;
  let turn = 0;

  function typed() {
    changed();
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => {}), pause); // without suggestions an address can be typed
  }
  async function look() {
    const now = ++turn;
    const q = input.value.trim();
    if (!q && !companyId) return;
    const { items } = await get('/people', { query: { q, companyId: q ? '' : companyId, limit: 8, sort: 'name' } });
    if (now !== turn) return;
    list.replaceChildren(...items.filter(({ emails }) => emails.length).map((person) => el('option', { value: person.emails[0].value }, [personName(person), person.companyName].filter(Boolean).join(', '))));
  }
  async function fill() {
    const found = await post('/emails/preview', { to: '', subject: '', text: '', target });
    if (input.value || !found.to) return;
    input.value = found.to;
    changed();
  }
  if (!to && target && target.kind !== 'company') fill().catch(() => {});
  look().catch(() => {});
  return { input, node: el('label', { class: 'field' }, el('span', {}, 'To'), input, list) };
}
