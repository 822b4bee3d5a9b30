// Light and dark: the system's choice until somebody makes their own.
const root = document.documentElement;

export const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

// theme is 'light', 'dark' or 'system'.
export const theme = () => root.dataset.theme ?? 'system';

export function setTheme(name) {
  if (name === 'system') {
    delete root.dataset.theme;
    localStorage.removeItem('theme');
    return;
  }
  root.dataset.theme = name;
  localStorage.setItem('theme', name);
}

export const toggleTheme = () => setTheme(isDark() ? 'light' : 'dark');
