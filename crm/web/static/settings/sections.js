// The sections of the settings, at /settings/<path>. needs: the least role that
// sees it. A module exports section(context, rest) → { node, close?() }; rest is
// what follows the path in the address.
export const sections = [
  { path: 'profile', title: 'Profile', group: 'You', order: 10, load: () => import('./profile.js') },
  { path: 'sessions', title: 'Sessions', group: 'You', order: 15, load: () => import('./sessions.js') },
  { path: 'workspace', title: 'Workspace', group: 'Workspace', order: 40, load: () => import('./workspace.js') },
  { path: 'members', title: 'Members', group: 'Workspace', order: 41, load: () => import('./members.js') },
  { path: 'keys', title: 'API keys', group: 'Connections', needs: 'admin', order: 70, load: () => import('./keys.js') },
  { path: 'appearance', title: 'Appearance', group: 'You', order: 20, load: () => import('./appearance.js') },
  { path: 'calendar', title: 'Calendar', group: 'You', order: 30, load: () => import('./calendar.js') },
  { path: 'pipelines', title: 'Pipelines', group: 'Workspace', needs: 'admin', order: 40, load: () => import('../pipelines/section.js') },
  { path: 'assistant', title: 'Assistant', group: 'Workspace', order: 70, load: () => import('./assistant.js') },
  { path: 'templates', title: 'Templates', group: 'Workspace', order: 60, load: () => import('../mail/templates.js') },
  { path: 'email', title: 'E-mail', group: 'Workspace', needs: 'member', order: 62, load: () => import('../mail/health.js') },
  { path: 'data', title: 'Import and export', group: 'Workspace', order: 64, load: () => import('../transfer/takeout.js') },
  { path: 'webhooks', title: 'Webhooks', group: 'Connections', needs: 'admin', order: 20, load: () => import('../webhooks/section.js') },
  { path: 'jobs', title: 'Jobs', group: 'Workspace', needs: 'admin', order: 90, load: () => import('../jobs/section.js') },
  { path: 'audit', title: 'Audit log', group: 'Workspace', needs: 'admin', order: 95, load: () => import('../audit/section.js') },
  { path: 'fields', title: 'Fields', group: 'Data', needs: 'admin', order: 50, load: () => import('../list/fieldsection.js') },
  { path: 'tags', title: 'Tags', group: 'Data', needs: 'member', order: 52, load: () => import('../list/tagsection.js') },
  { path: 'trash', title: 'Trash', group: 'Data', order: 58, load: () => import('../list/trashsection.js') },
];
