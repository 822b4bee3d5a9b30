// Runs before the page is painted: a theme that somebody chose must not flash.
const theme = localStorage.getItem('theme');
if (theme) document.documentElement.dataset.theme = theme;
