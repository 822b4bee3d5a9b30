// Which of the first steps are behind, remembered in this browser for each
// workspace.
const nameOf = (context) => `welcome-${context.me.workspace.id}`;

// progress is {done: [ids], dismissed}.
export const progress = (context) => ({ done: [], dismissed: false, ...JSON.parse(localStorage.getItem(nameOf(context)) ?? '{}') });

export function mark(context, id) {
  const now = progress(context);
  if (!now.done.includes(id)) now.done.push(id);
  localStorage.setItem(nameOf(context), JSON.stringify(now));
}

export function dismiss(context) {
  localStorage.setItem(nameOf(context), JSON.stringify({ ...progress(context), dismissed: true }));
}
