// Export of what a list shows.
import * as api from '../api.js';
import { toast } from '../toast.js';

const streamed = 5000; // records that are written at once; more are written by a job
const askEvery = 1000; // ms, while a job is at work

function download(path) {
  const link = document.createElement('a');
  link.href = `/api/v1${path}`;
  link.download = '';
  link.click();
}

const counts = ['people', 'companies', 'deals']; // lists that say how many they have

// exportList saves a list as a file. kind: people, companies, deals, tasks or
// activities; query: that of the list, as strings (filter, sort, q, …);
// columns: keys in their order, all if there are none; format: csv, json or,
// of people, vcf.
export async function exportList({ kind, query = {}, columns = [], format = 'csv' }) {
  const given = Object.fromEntries(Object.entries(query).filter(([name, value]) => value && !['cursor', 'limit', 'count'].includes(name)).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
  try {
    const total = !counts.includes(kind) ? Infinity : Number.parseInt((await api.get(`/${kind}`, { query: { ...given, limit: 1, count: 'exact' } })).total, 10);
    if (total <= streamed) {
      download(`/exports/${kind}/now?${new URLSearchParams({ format, columns: columns.join(), query: JSON.stringify(given) })}`);
      return;
    }
    await exportByJob({ kind, query: given, columns, format });
  } catch (problem) {
    toast(problem.message, { bad: true });
  }
}

// exportByJob has a job write the file, and saves it when it is there.
export async function exportByJob(order) {
  const drop = toast('Your file is being written; it comes when it is ready', { sticky: true });
  try {
    let made = await api.post('/exports', order);
    while (made.status === 'queued') {
      await new Promise((wake) => setTimeout(wake, askEvery));
      made = await api.get(`/exports/${made.id}`);
    }
    if (made.status !== 'done') throw new Error(made.fault || 'The file could not be written');
    download(`/exports/${made.id}/file`);
    toast(`${made.records.toLocaleString()} records are in the file`);
  } catch (problem) {
    toast(problem.message, { bad: true });
  } finally {
    drop();
  }
}

// exportItems are entries of a menu: what() gives {kind, query, columns}.
export const exportItems = (what) => [
  { label: 'Export as CSV', icon: 'download', testid: 'export-csv', run: () => exportList({ ...what(), format: 'csv' }) },
  { label: 'Export as JSON', icon: 'download', run: () => exportList({ ...what(), format: 'json' }) },
  ...(what().kind === 'people' ? [{ label: 'Export as cards (vCard)', icon: 'download', run: () => exportList({ ...what(), format: 'vcf' }) }] : []),
];
