// The values of records, as tables and pages show them.
import { el } from './dom.js';
import { avatar } from './format.js';

export const none = () => el('span', { class: 'none', 'aria-label': 'none' }, '–');
export const words = (text) => (text ? el('span', { dir: 'auto', title: text }, text) : none());
export const link = (href, text) => (text ? el('a', { class: 'value', href, dir: 'ltr' }, text) : none());
// dial is the address of a phone number.
export const dial = (number) => `tel:${number.replace(/[^+\d]/g, '')}`;
export const company = (name) => (name ? el('span', { class: 'chip' }, avatar(name, 'square'), el('span', { dir: 'auto' }, name)) : none());

// The field in which a record's owner is chosen.
export const owner = { name: 'owner', key: 'ownerId', label: 'Owner', kind: 'member' };
