// What is wrong with the page for those who read it with other means than a
// mouse and good eyes: a list of sentences.
(async () => {
  await Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})));
  const faults = [];
  const top = document.querySelector('dialog[open]') ?? document.body;
  const show = (node) => node.outerHTML.slice(0, 110).replace(/\s+/g, ' ');
  const say = (what, node) => faults.push(`${what}: ${node ? show(node) : ''}`);
  const seen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !node.closest('.hidden, .skip');

  if (window.hacked || document.querySelector('main :is(script, iframe, object, [onerror], [onclick], img[src=x])')) faults.push('a name became markup');

  // Contrast
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colours = new Map();
  const rgba = (css) => {
    if (!colours.has(css)) { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); colours.set(css, [...canvas.getImageData(0, 0, 1, 1).data]); }
    return colours.get(css);
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((v, i) => v * a / 255 + under[i] * (1 - a / 255));
  const back = (node) => (node ? over(rgba(getComputedStyle(node).backgroundColor), node.matches('dialog, [popover]') ? rgba('white') : back(node.parentElement)) : [255, 255, 255]);
  const light = (c) => c.map((v) => v / 255).map((v) => (v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);

  // Names
  const words = (node) => [...node.childNodes].map((n) => (n.nodeType === 3 ? n.textContent : n.nodeType === 1 && n.getAttribute('aria-hidden') !== 'true' ? n.getAttribute('aria-label') ?? n.alt ?? words(n) : '')).join('').trim();
  const named = (node) => node.getAttribute('aria-label')?.trim() || (node.getAttribute('aria-labelledby') ?? '').split(' ').some((id) => document.getElementById(id)?.textContent.trim()) || [...(node.labels ?? [])].some((l) => l.textContent.trim()) || (node.matches('input, select, textarea') ? '' : words(node));
  const controls = 'button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=option], [role=menuitem], [role=checkbox], [role=switch], [role=combobox], [role=listbox], [role=dialog], [role=tabpanel], [role=menu], dialog[open]';

  for (const node of top.querySelectorAll('*')) {
    if (node.closest('svg') && node.tagName !== 'svg' && node.tagName !== 'text') continue;
    if (!seen(node)) continue;
    if (node.matches(controls) && !node.closest('[aria-hidden=true]') && !named(node)) say('no name', node);
    if (node.matches('img') && !node.hasAttribute('alt')) say('no alt', node);
    if (node.tabIndex > 0) say('tabindex above 0', node);
    if (node.matches('a[href], button, input, select, textarea, [tabindex="0"]') && node.closest('[aria-hidden=true]')) say('can be focused, but is hidden from readers', node);
    if (node.hasAttribute('onclick') || node.hasAttribute('style') && !node.style.length) say('inline', node);
    if (![...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || node.closest(':disabled, [aria-disabled=true], .none, [inert]')) continue;
    const style = getComputedStyle(node);
    const size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const colour = node.closest('svg') ? style.fill : style.color;
    const under = back(node.closest('svg') ?? node), [a, b] = [light(over(rgba(colour), under)), light(under)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < enough) say(`contrast ${ratio.toFixed(2)}`, node);
    if (size < 10 && !node.closest('[aria-hidden=true]')) say(`text of ${size} px`, node);
  }

  // Structure
  const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push(`two of one id: ${id}`);
  if (!document.title || !document.documentElement.lang) faults.push('no title or language');
  const headings = [...document.querySelectorAll('main :is(h1, h2, h3, h4)')].filter((node) => node.checkVisibility()).map((n) => Number(n.tagName[1]));
  if (headings.filter((level) => level === 1).length !== 1) faults.push(`${headings.filter((l) => l === 1).length} first headings`);
  headings.forEach((level, i) => { if (i && level > headings[i - 1] + 1) faults.push(`a heading of level ${level} below one of ${headings[i - 1]}`); });
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-activedescendant', 'aria-controls']) {
    for (const node of top.querySelectorAll(`[${attribute}]`)) {
      if (attribute === 'aria-controls' && node.getAttribute('aria-expanded') === 'false') continue;
      for (const id of node.getAttribute(attribute).split(' ')) if (seen(node) && !document.getElementById(id)) say(`${attribute} names nothing`, node);
    }
  }
  const inside = { option: 'listbox, [role=group]', tab: 'tablist', menuitem: 'menu', row: 'table, grid, [role=rowgroup]', gridcell: 'row', listitem: 'list' };
  for (const [role, parent] of Object.entries(inside)) {
    for (const node of top.querySelectorAll(`[role=${role}]`)) if (!node.closest(parent.split(', ').map((p) => (p.startsWith('[') ? p : `[role=${p}], ${p === 'table' ? 'table' : 'x-none'}`)).join(', '))) say(`a ${role} outside of its ${parent}`, node);
  }
  for (const node of top.querySelectorAll('[aria-selected]')) if (!node.matches('[role=option], [role=tab], [role=row], [role=gridcell], [role=columnheader], tr')) say('aria-selected where it means nothing', node);
  for (const list of top.querySelectorAll('ul, ol')) for (const child of list.children) if (!child.matches('li, script, template')) say('in a list, but no item', child);
  for (const table of top.querySelectorAll('table')) if (seen(table) && !table.querySelector('th')) say('a table without heads', table);

  // Size: what is pressed by a finger or with a shaking hand has 24 pixels, or so
  // much room around its middle that nothing else is pressed (WCAG 2.5.8)
  const pressed = [...top.querySelectorAll('button, [role=tab], [role=option], [role=menuitem], input[type=checkbox], input[type=radio], a[href]')].filter(seen)
    .map((node) => ({ node, box: (node.matches('input') ? node.closest('label') ?? node : node).getBoundingClientRect() })).filter(({ box }) => box.width)
    .filter(({ node, box }) => node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2))) // neither covered nor scrolled away
    .map((one) => ({ ...one, x: one.box.x + one.box.width / 2, y: one.box.y + one.box.height / 2, small: one.box.width < 24 || one.box.height < 24 }));
  const near = (a, b) => Math.hypot(Math.max(b.box.left - a.x, 0, a.x - b.box.right), Math.max(b.box.top - a.y, 0, a.y - b.box.bottom)) < 12 || (b.small && Math.hypot(a.x - b.x, a.y - b.y) < 24);
  for (const one of pressed.filter(({ small }) => small)) {
    if (one.node.matches('a') && getComputedStyle(one.node).display === 'inline') continue;
    const other = pressed.find((b) => b.node !== one.node && !b.node.closest('.rail') === !one.node.closest('.rail') && !b.node.contains(one.node) && !one.node.contains(b.node) && near(one, b));
    if (other) say(`small, ${Math.round(one.box.width)} by ${Math.round(one.box.height)}, beside ${show(other.node).slice(0, 40)}`, one.node);
  }
  // Width: nothing is cut off or makes the page scroll sideways
  if (document.scrollingElement.scrollWidth > innerWidth + 1) faults.push(`the page is ${document.scrollingElement.scrollWidth} wide in a window of ${innerWidth}`);
  const slides = (node) => node && node !== document.body && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) || slides(node.parentElement));
  for (const node of top.querySelectorAll('main *')) {
    const box = node.getBoundingClientRect();
    if (box.width && box.right > innerWidth + 1 && seen(node) && !slides(node.parentElement)) { say('beyond the window', node); break; }
  }
  // A page that scrolls sideways as a whole hides what one looks for
  for (const node of top.querySelectorAll('main .page > .scroller')) if (getComputedStyle(node).overflowX !== 'hidden' && node.scrollWidth > node.clientWidth + 1 && !node.querySelector('table, .board, .lanes')) say(`${node.scrollWidth} wide in ${node.clientWidth}`, node);

  // Focus: what has it shows it
  const still = new CSSStyleSheet();
  still.replaceSync('* { transition: none !important; }');
  document.adoptedStyleSheets = [still];
  const held = document.activeElement;
  held?.blur();
  const looks = (node) => { const s = getComputedStyle(node); return [s.boxShadow, s.borderColor, s.backgroundColor].join(); };
  for (const node of [...top.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, [tabindex="0"]')].filter((n) => seen(n) && !n.disabled).slice(0, 60)) {
    const around = [node, node.parentElement, node.closest('tr, label, form, .search, .field')].filter(Boolean);
    document.activeElement?.blur();
    const before = around.map(looks);
    node.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== node) continue;
    const style = getComputedStyle(node);
    if (style.outlineStyle === 'none' && !around.some((n, i) => looks(n) !== before[i])) say('the focus cannot be seen', node);
  }
  held?.focus?.({ preventScroll: true });
  document.adoptedStyleSheets = [];
  return [...new Set(faults)].slice(0, 40);
})()
