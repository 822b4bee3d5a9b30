// The form of a settings section.
import { el } from '../dom.js';

// sheet is a section's content under its title and a sentence.
export const sheet = (title, text, ...content) => el('div', { class: 'sheet' }, el('h2', {}, title), text ? el('p', { class: 'muted lead' }, text) : null, content);
