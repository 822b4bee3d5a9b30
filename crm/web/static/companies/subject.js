// What the studio shows of companies.
import { records } from '../api.js';
import { link, none, owner, words } from '../cells.js';
import { el, icon } from '../dom.js';
import { when } from '../format.js';

export const companies = {
  kind: 'companies', one: 'company', many: 'companies', title: 'Companies', calls: records('companies'), name: (c) => c.name, create: 'c', icon: 'companies', shape: 'square',
  columns: [
    { name: 'name', label: 'Name', className: 'name', sort: 'name' },
    { name: 'domain', label: 'Domain', className: 'mail', sort: 'domain', edit: 'domain', cell: (c) => link(`https://${c.domain}`, c.domain) },
    { name: 'industry', label: 'Industry', className: 'wide', sort: 'industry', edit: 'industry', cell: (c) => words(c.industry) },
    { name: 'sizeBand', label: 'Size', className: 'wider', sort: 'sizeBand', edit: 'sizeBand', cell: (c) => words(c.sizeBand) },
    { name: 'peopleCount', label: 'People', className: 'count', cell: (c) => (c.peopleCount ? el('span', { class: 'number' }, icon('people'), String(c.peopleCount)) : none()) },
    { name: 'updatedAt', label: 'Changed', className: 'time', sort: '-updatedAt', cell: (c) => when(c.updatedAt) },
  ],
  below: (c) => [c.domain, c.industry].filter(Boolean).join(' · '),
  fields: [
    { name: 'name', key: 'name', label: 'Name' },
    { name: 'domain', key: 'domain', label: 'Domain', placeholder: 'acme.com' },
    { name: 'industry', key: 'industry', label: 'Industry', max: 100 },
    { name: 'sizeBand', key: 'sizeBand', label: 'Size', kind: 'choice', choices: ['1-10', '11-50', '51-200', '201-1000', '1001+'] },
    { name: 'address', key: 'address', label: 'Address', kind: 'lines' },
    owner,
    { name: 'source', key: 'source', label: 'Source', max: 100 },
  ],
  begins: ['name', 'domain', 'industry', 'sizeBand', 'peopleCount', 'owner', 'lastActivityAt', 'tags'],
  quick: ['name', 'domain', 'industry', 'sizeBand'],
  empty: 'Companies you add appear here, and those you name while adding people.',
};
