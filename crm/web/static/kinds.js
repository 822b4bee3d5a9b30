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
