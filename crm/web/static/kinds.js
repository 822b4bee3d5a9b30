// Where records of a kind, as the API names it, are in the studio.
export const kinds = {
  person: { page: '/people', icon: 'person', one: 'Person', many: 'People' },
  company: { page: '/companies', icon: 'companies', one: 'Company', many: 'Companies' },
  deal: { page: '/deals', icon: 'deals', one: 'Deal', many: 'Deals' },
  task: { page: '/tasks', icon: 'tasks', one: 'Task', many: 'Tasks' },
};

// pathOf is the address of a record's page.
export const pathOf = (kind, id) => `${kinds[kind].page}/${id}`;

// kindOf is the API's name of the records on a page: that of people is person.
export const kindOf = { people: 'person', companies: 'company', deals: 'deal' };
// entries are what people write into timelines, by its type.
export const entries = {
  note: { icon: 'note', one: 'Note' },
  call: { icon: 'phone', one: 'Call' },
  meeting: { icon: 'meeting', one: 'Meeting' },
  email: { icon: 'mail', one: 'E-mail' },
};

// entryPath leads to an entry in a record's timeline and marks what was typed to find it.
export const entryPath = (record, id, typed) => `${pathOf(record.kind, record.id)}?${new URLSearchParams({ entry: id, find: typed })}`;
