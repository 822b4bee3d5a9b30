// What the studio shows of each kind of record.
import { records } from './api.js';
import { el, icon } from './dom.js';
import { avatar, personName, when } from './format.js';

const none = () => el('span', { class: 'none', 'aria-label': 'none' }, '–');
const words = (text) => (text ? el('span', { dir: 'auto', title: text }, text) : none());
const link = (href, text) => (text ? el('a', { class: 'value', href, dir: 'ltr' }, text) : none());

const company = (name) => (name ? el('span', { class: 'chip' }, avatar(name, 'square'), el('span', { dir: 'auto' }, name)) : none());

const owner = { name: 'owner', key: 'ownerId', label: 'Owner', kind: 'member' };

export const subjects = {
  people: {
    kind: 'people', one: 'person', many: 'people', title: 'People', calls: records('people'), name: personName, shape: 'round',
    columns: [
      { label: 'Name', className: 'name', sort: 'name' },
      { label: 'Company', className: 'company', cell: (p) => company(p.companyName) },
      { label: 'Title', className: 'wide', cell: (p) => words(p.title) },
      { label: 'E-mail', className: 'mail', cell: (p) => link(`mailto:${encodeURIComponent(p.emails[0]?.value)}`, p.emails[0]?.value) },
      { label: 'Phone', className: 'wider', cell: (p) => link(`tel:${p.phones[0]?.value.replace(/[^+\d]/g, '')}`, p.phones[0]?.value) },
      { label: 'Changed', className: 'time', sort: '-updatedAt', cell: (p) => when(p.updatedAt) },
    ],
    below: (p) => [p.title, p.companyName].filter(Boolean).join(' · ') || p.emails[0]?.value || '',
    fields: [
      { name: 'firstName', key: 'firstName', label: 'First name', max: 100 },
      { name: 'lastName', key: 'lastName', label: 'Last name', max: 100 },
      { name: 'title', key: 'title', label: 'Title', max: 150 },
      { name: 'company', key: 'companyId', label: 'Company', kind: 'company' },
      { name: 'email', key: 'emails', label: 'E-mail', kind: 'contacts', type: 'email' },
      { name: 'phone', key: 'phones', label: 'Phone', kind: 'contacts', type: 'tel' },
      owner,
    ],
    quick: ['firstName', 'lastName', 'company', 'title', 'email', 'phone'],
    empty: 'People you add appear here. A name or an e-mail address is enough to begin.',
  },
  companies: {
    kind: 'companies', one: 'company', many: 'companies', title: 'Companies', calls: records('companies'), name: (c) => c.name, shape: 'square',
    columns: [
      { label: 'Name', className: 'name', sort: 'name' },
      { label: 'Domain', className: 'mail', cell: (c) => link(`https://${c.domain}`, c.domain) },
      { label: 'Industry', className: 'wide', cell: (c) => words(c.industry) },
      { label: 'Size', className: 'wider', cell: (c) => words(c.sizeBand) },
      { label: 'People', className: 'count', cell: (c) => (c.peopleCount ? el('span', { class: 'number' }, icon('people'), String(c.peopleCount)) : none()) },
      { label: 'Changed', className: 'time', sort: '-updatedAt', cell: (c) => when(c.updatedAt) },
    ],
    below: (c) => [c.domain, c.industry].filter(Boolean).join(' · '),
    fields: [
      { name: 'name', key: 'name', label: 'Name' },
      { name: 'domain', key: 'domain', label: 'Domain', placeholder: 'acme.com' },
      { name: 'industry', key: 'industry', label: 'Industry', max: 100 },
      { name: 'sizeBand', key: 'sizeBand', label: 'Size', kind: 'choice', choices: ['1-10', '11-50', '51-200', '201-1000', '1001+'] },
      { name: 'address', key: 'address', label: 'Address', kind: 'lines' },
      owner,
    ],
    quick: ['name', 'domain', 'industry', 'sizeBand'],
    empty: 'Companies you add appear here, and those you name while adding people.',
  },
};
