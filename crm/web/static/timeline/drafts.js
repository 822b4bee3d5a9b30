// What is typed and not saved yet, kept in this browser until it is: a reload,
// a crash or a session that ends loses nothing.
const prefix = (context) => `draft:${context.me.workspace.id}:${context.me.user.id}:`;

export function keep(context, record, draft) {
  const name = prefix(context) + record;
  try {
    if (draft.body?.trim() || draft.subject?.trim()) localStorage.setItem(name, JSON.stringify(draft));
    else localStorage.removeItem(name);
  } catch {
    // a full or closed storage keeps nobody from writing
  }
}

export function kept(context, record) {
  try {
    return JSON.parse(localStorage.getItem(prefix(context) + record) ?? 'null');
  } catch {
    return null;
  }
}
