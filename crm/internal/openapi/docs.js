// Shows /api/openapi.json: one line per call, opened for what it takes and gives.
const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.flat().filter((c) => c !== null && c !== undefined));
  return node;
};
const calls = document.getElementById('calls');
const subjects = document.getElementById('subjects');

// shape writes a schema as the JSON it stands for.
function shape(spec, schema, deep = 0, seen = []) {
  const pad = '  '.repeat(deep + 1);
  const name = schema.$ref?.split('/').pop();
  if (name) {
    if (seen.includes(name) || deep > 4) return name;
    return shape(spec, spec.components.schemas[name], deep, [...seen, name]);
  }
  if (schema.oneOf) return schema.oneOf.map((one) => shape(spec, one, deep, seen)).join(' | ');
  const kind = [schema.type].flat().join(' | ');
  if (schema.properties) {
    const lines = Object.entries(schema.properties).map(([key, value]) => `${pad}${key}${schema.required?.includes(key) ? '' : '?'}: ${shape(spec, value, deep + 1, seen)}`);
    return lines.length ? `{\n${lines.join('\n')}\n${'  '.repeat(deep)}}` : '{}';
  }
  if (schema.items) return `[${shape(spec, schema.items, deep, seen)}]`;
  if (schema.additionalProperties) return `{ [name]: ${shape(spec, schema.additionalProperties, deep, seen)} }`;
  return schema.enum ? schema.enum.map((v) => JSON.stringify(v)).join(' | ') : schema.format || kind || 'anything';
}

function bodyOf(spec, content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => [el('h3', { textContent: type }), el('pre', { tabIndex: 0, textContent: shape(spec, schema) })]);
}

function inside(spec, call) {
  const parameters = (call.parameters ?? []).map((p) => (p.$ref ? spec.components.parameters[p.$ref.split('/').pop()] : p));
  const success = Object.entries(call.responses).filter(([status]) => status < 300);
  const faults = Object.keys(call.responses).filter((status) => status >= 400);
  return el('div', { className: 'inside' },
    el('p', { textContent: call.description }),
    parameters.length ? [el('h3', { textContent: 'Parameters' }), el('table', {}, parameters.map((p) => el('tr', {},
      el('td', {}, el('code', { textContent: p.name })), el('td', { textContent: p.in + (p.required ? ', required' : '') }),
      el('td', { textContent: p.description ?? '' }))))] : [],
    call.requestBody ? [el('h3', { textContent: 'Takes' }), bodyOf(spec, call.requestBody.content)] : [],
    success.map(([status, answer]) => [el('h3', { textContent: `Answers ${status}` }), bodyOf(spec, answer.content)]),
    el('p', { textContent: `Problems: ${faults.join(', ')}` }));
}

function line(spec, path, method, call) {
  const node = el('details', { id: call.operationId },
    el('summary', {}, el('span', { className: 'method', textContent: method.toUpperCase() }), el('code', { textContent: path }), el('span', { className: 'what', textContent: call.summary })));
  node.dataset.words = `${method} ${path} ${call.summary}`.toLowerCase();
  node.addEventListener('toggle', () => { if (node.open && node.children.length === 1) node.append(inside(spec, call)); });
  return node;
}

async function begin() {
  const spec = await (await fetch('/api/openapi.json')).json();
  calls.replaceChildren(el('p', { textContent: spec.info.description }));
  for (const { name } of spec.tags) {
    const lines = Object.entries(spec.paths).flatMap(([path, item]) => Object.entries(item).filter(([, call]) => call.tags?.includes(name)).map(([method, call]) => line(spec, path, method, call)));
    subjects.append(el('a', { href: `#${name}`, textContent: name }));
    calls.append(el('section', {}, el('h2', { id: name, textContent: name }), lines));
  }
  const asked = document.getElementById(location.hash.slice(1));
  if (asked?.tagName === 'DETAILS') asked.open = true;
  asked?.scrollIntoView();
}

document.getElementById('find').addEventListener('input', ({ target }) => {
  const words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of calls.querySelectorAll('section')) {
    const lines = [...section.querySelectorAll('details')];
    for (const node of lines) node.hidden = !words.every((word) => node.dataset.words.includes(word));
    section.hidden = lines.every((node) => node.hidden);
  }
});
begin().catch((fault) => calls.replaceChildren(el('p', { role: 'alert', textContent: `The description could not be loaded: ${fault.message}` })));
