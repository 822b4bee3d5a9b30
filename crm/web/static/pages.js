// The pages. path may have parameters, ':id', and end with '*'; those with an
// order are in the rail; key is pressed after g. A page's module exports
// open(context, params, page) → { node, close?(), update?(params), dirty?(), keep? }.
// The studio's server reads the paths from here, so each is on its own line.
export const pages = [
  { path: '/', title: 'Home', icon: 'home', key: 'h', order: 10, load: () => import('./home/page.js') },
  { path: '/tasks', title: 'Tasks', icon: 'tasks', key: 't', order: 20, load: () => import('./tasks/page.js') },
  { path: '/tasks/:id', title: 'Task', load: () => import('./tasks/page.js') },
  { path: '/people', title: 'People', icon: 'people', key: 'p', order: 30, load: () => import('./people/page.js') },
  { path: '/people/:id', title: 'Person', kind: 'people', load: () => import('./record/page.js') },
  { path: '/companies', title: 'Companies', icon: 'companies', key: 'c', order: 40, load: () => import('./companies/page.js') },
  { path: '/companies/:id', title: 'Company', kind: 'companies', load: () => import('./record/page.js') },
  { path: '/welcome', title: 'First steps', icon: 'flag', load: () => import('./welcome/page.js') },
  { path: '/deals', title: 'Deals', icon: 'deals', key: 'd', order: 50, load: () => import('./deals/page.js') },
  { path: '/deals/:id', title: 'Deal', kind: 'deals', load: () => import('./record/page.js') },
  { path: '/invite/:token', title: 'Invite', load: () => import('./invite/page.js') },
  { path: '/reports', title: 'Reports', icon: 'reports', key: 'r', order: 60, load: () => import('./reports/page.js') },
  { path: '/settings/*', title: 'Settings', icon: 'settings', key: 's', load: () => import('./settings/page.js') },
  { path: '/duplicates', title: 'Duplicates', icon: 'merge', load: () => import('./duplicates/page.js') },
  { path: '/import', title: 'Import', icon: 'upload', load: () => import('./imports/page.js') },
  { path: '/import/:id', title: 'Import', load: () => import('./imports/import.js') },
];
