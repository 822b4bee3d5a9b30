// What can be done from anywhere, of which the code is fetched when it is
// wanted. A module exports run(context). Those that make something have keys
// that begin with c and are in the menu that c opens, by their order; those
// with rail: 'top' or 'foot' are in the rail, too.
export const actions = [
  { id: 'create.person', title: 'New person', short: 'Person', group: 'Create', keys: 'c p', icon: 'person', order: 10, load: () => import('./people/create.js') },
  { id: 'create.deal', title: 'New deal', short: 'Deal', group: 'Create', keys: 'c d', icon: 'deals', order: 30, load: () => import('./deals/create.js') },
  { id: 'create.company', title: 'New company', short: 'Company', group: 'Create', keys: 'c c', icon: 'companies', order: 20, load: () => import('./companies/create.js') },
  { id: 'tour', title: 'Take the tour', group: 'General', icon: 'flag', load: () => import('./tour/tour.js') },
  { id: 'welcome', title: 'First steps', group: 'General', icon: 'flag', load: () => import('./welcome/run.js') },
  { id: 'duplicates', title: 'Find duplicates', group: 'General', icon: 'merge', load: () => import('./duplicates/run.js') },
  { id: 'create.task', title: 'New task', short: 'Task', group: 'Create', keys: 'c t', icon: 'tasks', order: 40, load: () => import('./tasks/create.js') },
  { id: 'notifications', title: 'Notifications', group: 'General', keys: 'g n', icon: 'bell', rail: 'foot', load: () => import('./notifications/bell.js') },
  { id: 'ask', title: 'Ask', group: 'General', keys: 'Mod+j', icon: 'ask', rail: 'top', order: 20, load: () => import('./assist/ask.js') },
  { id: 'create.email', title: 'New e-mail', short: 'E-mail', group: 'Create', keys: 'c e', icon: 'mail', order: 60, load: () => import('./mail/compose.js') },
];
