// How imports are put into words.
export const saying = {
  ready: 'Not run yet', checking: 'Checking', running: 'Running', done: 'Done', cancelled: 'Stopped', failed: 'Failed', undoing: 'Undoing', undone: 'Undone',
};

export const kinds = { people: 'People', companies: 'Companies', deals: 'Deals' };

export const number = (n) => n.toLocaleString();

export const rows = (n) => `${number(n)} ${n === 1 ? 'row' : 'rows'}`;

// counted is an import in one line.
export function counted(item) {
  const { created, updated, skipped, failed } = item.counts;
  if (item.status === 'ready' || item.status === 'checking') return `${kinds[item.mapping.kind]} · ${rows(item.total)}`;
  const parts = [[created, 'new'], [updated, 'updated'], [skipped, 'skipped'], [failed, failed === 1 ? 'error' : 'errors']].filter(([n]) => n).map(([n, word]) => `${number(n)} ${word}`);
  return [kinds[item.mapping.kind], ...parts].join(' · ');
}
