// Which parts of this page look otherwise once the styles of every other page
// are there, too: pages must not depend on which were shown before.
(async (files) => {
  const looks = ['display', 'position', 'padding', 'margin', 'color', 'backgroundColor', 'fontSize', 'fontWeight', 'borderWidth', 'textAlign', 'whiteSpace', 'gap', 'opacity'];
  const folder = document.querySelector('link[rel="stylesheet"]').getAttribute('href').match(/^\/assets\/[^/]+\//)[0];
  const here = new Set([...document.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.getAttribute('href')));
  const add = (href) => new Promise((done) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: done, onerror: done });
    document.head.append(link);
  });
  const nodes = [...document.querySelectorAll('main *, dialog *, .menu *')];
  const see = () => nodes.map((node) => { const style = getComputedStyle(node); return looks.map((look) => style[look]); });
  const name = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute('class') ?? ''}`;
  const before = see();
  await Promise.all(files.map((file) => folder + file).filter((href) => !here.has(href)).map(add));
  await Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {})));
  const after = see();
  const found = new Set();
  nodes.forEach((node, at) => looks.forEach((look, n) => {
    if (node.isConnected && before[at][n] !== after[at][n]) found.add(`${name(node.parentNode)} > ${name(node)}: ${look} ${before[at][n]} is ${after[at][n]}`);
  }));
  return [...found].slice(0, 20);
})
