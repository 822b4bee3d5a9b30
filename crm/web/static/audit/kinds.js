// What the audit log tells of, and what can be done to it.
import { kinds } from '../kinds.js';

const others = {
  activity: 'Note, call or meeting', pipeline: 'Pipeline', field: 'Field', tag: 'Tag', view: 'View', template: 'Template', email: 'E-mail', proposal: 'Proposal',
  import: 'Import', export: 'Export', member: 'Member', invite: 'Invite', workspace: 'Workspace', key: 'API key', calendar: 'Calendar link', webhook: 'Webhook', 'ai-settings': 'Assistant settings',
};

export const verbs = ['created', 'updated', 'deleted', 'restored', 'purged', 'moved', 'completed', 'reopened', 'merged', 'unmerged', 'told-apart', 'not-told-apart', 'begun', 'stopped', 'undone', 'sent', 'accepted', 'dismissed', 'renewed', 'disabled'];

// named are [kind, name] pairs of all kinds.
export const named = [...Object.entries(kinds).map(([kind, { one }]) => [kind, one]), ...Object.entries(others)];

// nameOf is a kind in words.
export const nameOf = (kind) => kinds[kind]?.one ?? others[kind] ?? kind;
