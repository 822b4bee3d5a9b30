// How the studio looks, kept in this browser.
import { el, icon } from '../dom.js';
import { setTheme, theme } from '../theme.js';
import { sheet } from './sheet.js';

const themes = [['system', 'Like the system', 'system'], ['light', 'Light', 'sun'], ['dark', 'Dark', 'moon']];

export function section() {
  const choices = themes.map(([name, label, sign]) => el('label', { class: 'choice' },
    el('input', { type: 'radio', name: 'theme', value: name, checked: theme() === name, onchange: () => setTheme(name) }), icon(sign), el('span', {}, label)));
  return { node: sheet('Appearance', 'It is remembered in this browser.', el('fieldset', { class: 'choiceset' }, el('legend', {}, 'Colours'), choices)) };
}
