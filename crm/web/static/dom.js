// Small helpers over the DOM. Text always goes in as text, never as markup.
import { strokes } from './icons.js';

// el makes an element: el('a', {class: 'x', href: '/', onclick: fn}, 'text', child).
// A style attribute would be refused by the page's policy: set node.style instead.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const svg = 'http://www.w3.org/2000/svg';

// icon draws one of icons.js; it says nothing to a screen reader.
export function icon(name) {
  const node = document.createElementNS(svg, 'svg');
  node.setAttribute('viewBox', '0 0 20 20');
  node.setAttribute('class', 'icon');
  node.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', strokes[name] ?? strokes.info);
  node.append(path);
  return node;
}

// iconButton is a button that shows nothing but an icon; label is its name.
export const iconButton = (name, label, onclick, more = {}) => el('button', { type: 'button', class: 'quiet', 'aria-label': label, title: label, onclick, ...more }, icon(name));

const styles = new Map();

// style attaches a stylesheet once: style(import.meta.url, "./tasks.css").
// Pages are shown when their styles are there.
export function style(base, path) {
  const href = new URL(path, base).pathname;
  if (styles.has(href)) return;
  const link = el('link', { rel: 'stylesheet', href });
  styles.set(href, new Promise((done) => { link.onload = link.onerror = done; }));
  document.head.append(link);
}

// styled resolves when every stylesheet that was asked for has come.
export const styled = () => Promise.all(styles.values());
