// What the studio shows of people.
import { records } from '../api.js';
import { company, dial, link, owner, words } from '../cells.js';
import { personName, when } from '../format.js';

export const people = {
  kind: 'people', one: 'person', many: 'people', title: 'People', calls: records('people'), name: personName, create: 'p', icon: 'person', shape: 'round',
  columns: [
    { name: 'name', label: 'Name', className: 'name', sort: 'name' },
    { name: 'companyName', label: 'Company', className: 'company', sort: 'companyName', edit: 'company', cell: (p) => company(p.companyName) },
    { name: 'title', label: 'Title', className: 'wide', sort: 'title', edit: 'title', cell: (p) => words(p.title) },
    { name: 'email', label: 'E-mail', className: 'mail', edit: 'email', cell: (p) => link(`mailto:${encodeURIComponent(p.emails[0]?.value)}`, p.emails[0]?.value) },
    { name: 'phone', label: 'Phone', className: 'wider', edit: 'phone', cell: (p) => link(dial(p.phones[0]?.value ?? ''), p.phones[0]?.value) },
    { name: 'updatedAt', label: 'Changed', className: 'time', sort: '-updatedAt', cell: (p) => when(p.updatedAt) },
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
    { name: 'source', key: 'source', label: 'Source', max: 100 },
    { name: 'address', key: 'address', label: 'Address', kind: 'lines' },
  ],
  begins: ['name', 'companyName', 'title', 'email', 'owner', 'lastContactAt', 'score', 'tags'],
  quick: ['firstName', 'lastName', 'company', 'title', 'email', 'phone'],
  empty: 'People you add appear here. A name or an e-mail address is enough to begin.',
};
