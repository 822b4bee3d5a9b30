// The parts of a record's page. place: 'head' below the name, 'tab' in the
// middle, 'side' at the right. A module exports panel(context, {kind, record,
// subject, refresh, show}) → { node, update?(record), dirty?(), close?() }:
// refresh() reads the record again, show(record) draws what is known of it.
export const panels = [
  { kinds: ['people', 'companies', 'deals'], place: 'tab', order: 10, title: 'Timeline', load: () => import('../timeline/panel.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'tab', order: 20, title: 'Tasks', load: () => import('../tasks/panel.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'head', order: 10, title: 'Also here', load: () => import('../live/presence.js') },
  { kinds: ['companies'], place: 'tab', order: 60, title: 'People', load: () => import('../companies/staff.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'side', order: 20, title: 'Details', load: () => import('./details.js') },
];
