// Which parts of this page look otherwise once the styles of every other page
// are there, too: pages must not depend on which were shown before. The styles
// are then taken away again: a page that does not look as before has changed by
// itself, as a list does that is still loading, and is looked at anew.
(async (files) => {
  const looks = ['display', 'position', 'padding', 'margin', 'color', 'backgroundColor', 'fontSize', 'fontWeight', 'borderWidth', 'textAlign', 'whiteSpace', 'gap', 'opacity'];
  const folder = document.querySelector('link[rel="stylesheet"]').getAttribute('href').match(/^\/assets\/[^/]+\//)[0];
  const here = new Set([...document.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.getAttribute('href')));
  const add = (href) => new Promise((done, fail) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: () => done(link), onerror: () => fail(new Error(href)) });
    document.head.append(link);
  });
  const others = await Promise.all(files.map((file) => folder + file).filter((href) => !here.has(href)).map(add));
  const moved = () => Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {})));
  const see = async (nodes, foreign) => {
    others.forEach((link) => { link.disabled = !foreign; });
    await moved();
    return nodes.map((node) => { const style = getComputedStyle(node); return looks.map((look) => style[look]); });
  };
  const name = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute('class') ?? ''}`;
  for (let tries = 0; tries < 50; tries++) {
    const nodes = [...document.querySelectorAll('main *, dialog *, .menu *')];
    const before = await see(nodes, false);
    const after = await see(nodes, true);
    const again = await see(nodes, false);
    if (nodes.every((node) => node.isConnected) && JSON.stringify(before) === JSON.stringify(again)) {
      const found = new Set(nodes.flatMap((node, at) => looks.flatMap((look, n) => (before[at][n] === after[at][n] ? [] : [`${name(node.parentNode)} > ${name(node)}: ${look} ${before[at][n]} is ${after[at][n]}`]))));
      return [...found].slice(0, 20);
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error('the page does not come to rest');
})
