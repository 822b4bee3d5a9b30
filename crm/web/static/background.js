// What runs beside the pages for as long as somebody is signed in: it is
// fetched when the first page is shown. A module exports start(context), which
// may return what ends it.
export const background = [
  { id: 'live', load: () => import('./live/start.js') },
  { id: 'role', load: () => import('./live/role.js') },
  { id: 'version', load: () => import('./frame/version.js') },
  { id: 'favourites', load: () => import('./frame/favourites.js') },
  { id: 'notifications', load: () => import('./notifications/background.js') },
];
