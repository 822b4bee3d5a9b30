// The parts of a record's page. place: 'head' below the name, 'tab' in the
// middle, 'side' at the right. A module exports panel(context, {kind, record,
// subject, refresh, show}) → { node, update?(record), dirty?(), close?() }:
// refresh() reads the record again, show(record) draws what is known of it.
export const panels = [
  { kinds: ['people', 'companies', 'deals'], place: 'tab', order: 10, title: 'Timeline', load: () => import('../timeline/panel.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'tab', order: 20, title: 'Tasks', load: () => import('../tasks/panel.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'head', order: 10, title: 'Also here', load: () => import('../live/presence.js') },
  { kinds: ['companies'], place: 'tab', order: 60, title: 'People', load: () => import('../companies/staff.js') },
  { kinds: ['deals'], place: 'head', order: 10, title: 'Stage', load: () => import('../deals/stepper.js') },
  { kinds: ['people', 'companies'], place: 'tab', order: 50, title: 'Deals', load: () => import('../deals/related.js') },
  { kinds: ['deals'], place: 'side', order: 24, title: 'People', load: () => import('../deals/partners.js') },
  { kinds: ['deals'], place: 'side', order: 70, title: 'Way through the stages', load: () => import('../deals/way.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'side', order: 20, title: 'Details', load: () => import('./details.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'side', order: 10, title: 'Assistant', load: () => import('../assist/panel.js') },
  { kinds: ['people', 'companies'], place: 'side', order: 40, title: 'Score', load: () => import('../assist/score.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'tab', order: 40, title: 'E-mails', load: () => import('../mail/panel.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'head', order: 5, title: 'Duplicates', load: () => import('../duplicates/panel.js') },
  { kinds: ['people', 'companies', 'deals'], place: 'side', order: 22, title: 'Tags and own fields', load: () => import('../list/own.js') },
];
