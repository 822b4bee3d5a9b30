// The records that were looked at last, kept until the tab is closed.
const name = 'recent';
const most = 12;

export const recent = () => JSON.parse(sessionStorage.getItem(name) ?? '[]');

// visited puts a page at the head of them: {path, title, sub, icon}.
export function visited(page) {
  sessionStorage.setItem(name, JSON.stringify([page, ...recent().filter(({ path }) => path !== page.path)].slice(0, most)));
}

// forget takes out a page that is gone, or all of them.
export function forget(path) {
  if (path) sessionStorage.setItem(name, JSON.stringify(recent().filter((page) => page.path !== path)));
  else sessionStorage.removeItem(name);
}
