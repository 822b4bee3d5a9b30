// A new task, from anywhere; on a record's page it is about the record.
import { add } from './sheet.js';

export function run(context) {
  const [, page, id] = /^\/(people|companies|deals)\/([^/]+)$/.exec(location.pathname) ?? [];
  const kind = { people: 'person', companies: 'company', deals: 'deal' }[page];
  add(context, kind ? { target: { kind, id, title: document.querySelector('.who h1')?.textContent } } : {});
}
