// The settings: sections at the left, the one of the address beside them.
import { el, style, styled } from '../dom.js';
import { failed, loading, page, state } from '../layout.js';
import { sections } from './sections.js';

style(import.meta.url, './settings.css');

const groups = ['You', 'Workspace', 'Data', 'Connections'];

export async function open(context, params) {
  const able = sections.filter((one) => !one.needs || context.can(one.needs)).sort((a, b) => a.order - b.order);
  const names = [...groups.filter((group) => able.some((one) => one.group === group)), ...new Set(able.map((one) => one.group).filter((group) => !groups.includes(group)))];
  const links = new Map(able.map((one) => [one.path, el('a', { href: `/settings/${one.path}`, 'data-nav': true }, one.title)]));
  const place = el('div', { class: 'section scroller' });
  const node = page('Settings', { className: 'settings' }, el('div', { class: 'sections' },
    el('nav', { 'aria-label': 'Settings' }, names.map((group) => el('div', {}, el('h2', {}, group), able.filter((one) => one.group === group).map((one) => links.get(one.path))))),
    place));
  let opened;
  let turn = 0;

  async function update({ rest = '' }) {
    const mine = ++turn;
    const [first, ...more] = rest.split('/');
    const one = able.find(({ path }) => path === first) ?? (rest ? null : able[0]);
    opened?.close?.();
    opened = null;
    for (const [path, link] of links) {
      if (path === one?.path) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    context.title(one ? `${one.title} · Settings` : 'Settings');
    if (!one) { loading(place)(); place.replaceChildren(state('search', 'There is no such section', 'It may need a role that you do not have.')); return; }
    const loaded = loading(place);
    try {
      const next = await (await one.load()).section(context, more.join('/'));
      await styled();
      if (mine !== turn) { next.close?.(); return; }
      opened = next;
      place.replaceChildren(opened.node);
      inView(links.get(one.path));
    } catch (problem) {
      if (mine === turn) place.replaceChildren(failed(one.title, problem, () => update({ rest })));
    } finally {
      loaded();
    }
  }
  await update(params);
  return { node, update, dirty: () => opened?.dirty?.() ?? false, close: () => opened?.close?.() };
}

// inView brings the link of the section that is shown into a narrow window's bar.
function inView(link) {
  requestAnimationFrame(() => link.scrollIntoView({ block: 'nearest', inline: 'center' }));
}
