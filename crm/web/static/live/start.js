// Keeps what is on the screen as others leave it, and shows whether it does.
import { get } from '../api.js';
import { el, style } from '../dom.js';
import { announce, onRecord } from '../edit.js';
import { kinds } from '../kinds.js';
import { connect, on, onState } from '../live.js';
import { toast } from '../toast.js';
import { isOwnMass } from './own.js';

style(import.meta.url, './live.css');

const gather = 150; // ms in which changes are taken together
const atOnce = 12; // more of them are not fetched one by one
const titles = { live: 'Live: what others change appears at once', away: 'Not live just now: what others change appears when the connection is back', off: '' };

export function start(context) {
  const known = new Map(); // "kind id" → the version that this page knows
  const news = new Map();
  let timer;
  let offered = false;

  function hear({ kind, id, version, verb, by }) {
    if (!kinds[kind] || known.get(`${kind} ${id}`) >= version) return;
    news.set(`${kind} ${id}`, { kind, id, version, by, gone: verb === 'deleted' });
    timer ??= setTimeout(look, gather);
  }
  async function look() {
    timer = undefined;
    const all = [...news.values()];
    news.clear();
    if (all.length > atOnce) {
      const [{ kind, by }] = all;
      offer(all.every((one) => one.kind === kind && one.by === by) ? { kind, by } : {});
      return;
    }
    for (const { kind, id, version, gone } of all) {
      if (known.get(`${kind} ${id}`) >= version) continue; // it was this page's own change
      const path = kinds[kind].page;
      const record = gone ? null : await get(`${path}/${id}`).catch(() => undefined);
      if (record !== undefined && (gone || !(known.get(`${kind} ${id}`) > record.version))) announce(path.slice(1), id, record);
      known.set(`${kind} ${id}`, version);
    }
  }
  // offer tells of a change of many records, unless this page made it; settings
  // show no records, and a form there may be half filled in.
  function offer({ kind, by, count = Infinity }) {
    if (offered || isOwnMass(by === context.me.user.id) || location.pathname.startsWith('/settings') || (by === context.me.user.id && count <= atOnce)) return;
    offered = true;
    toast(words(kind, by, count), { action: { label: 'Show it', run: () => { offered = false; context.reload(); } } });
    setTimeout(() => { offered = false; }, 10_000);
  }
  function words(kind, by, count) {
    if (!kinds[kind] || !by) return 'Much has changed here';
    return `${by === context.me.user.id ? 'You' : context.who(by)} changed ${count > atOnce ? 'many' : 'some'} ${kinds[kind].many.toLowerCase()}`;
  }

  const dot = el('span', { class: 'livedot', role: 'img' });
  document.querySelector('.rail .workspace')?.append(dot);
  const offs = [
    onRecord((page, id, record) => {
      const [kind] = Object.entries(kinds).find(([, one]) => one.page === `/${page}`) ?? [];
      if (kind && record?.version) known.set(`${kind} ${id}`, record.version);
    }),
    ...['record.changed', 'record.deleted', 'deal.moved'].map((event) => on(event, hear)),
    on('records.changed', offer),
    onState((state) => { dot.dataset.state = state; dot.title = titles[state]; dot.setAttribute('aria-label', titles[state] || 'Not live'); }),
    connect(),
  ];
  return () => { clearTimeout(timer); dot.remove(); for (const off of offs) off(); };
}
