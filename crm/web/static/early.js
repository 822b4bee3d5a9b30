// Runs before the page is painted: what somebody chose must not flash.
{
  const theme = localStorage.getItem('theme');
  if (theme) document.documentElement.dataset.theme = theme;
  document.documentElement.toggleAttribute('data-folded', localStorage.getItem('rail') === 'folded');
}
