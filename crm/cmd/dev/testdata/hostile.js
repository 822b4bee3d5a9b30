// Records whose names are markup, scripts, very long, right to left or made of
// signs; a script that ran would set window.hacked.
(async () => {
  const evil = '<img src=x onerror="window.hacked=1">"\'><script>window.hacked=1</script>{{1+1}}${1}';
  const long = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(3).slice(0, 160);
  const signs = '👩‍👩‍👧 مريم שלום 漢字 Z̶a̶l̶g̶o̶';
  const post = async (path, body) => {
    const answer = await fetch(`/api/v1${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify((await answer.json()).errors)}`);
    return answer.json();
  };
  const company = await post('/companies', { name: evil, industry: evil.slice(0, 90), address: `${evil}\n${long}` });
  await post('/companies', { name: long });
  await post('/people', { firstName: signs, lastName: long.slice(0, 90), title: long.slice(0, 140) });
  const person = await post('/people', { firstName: evil.slice(0, 90), lastName: signs, title: evil, companyId: company.id, emails: [{ value: `${'a'.repeat(60)}@${'long-'.repeat(10)}x.example`, kind: 'work' }] });
  await post('/deals', { title: long, companyId: company.id });
  const deal = await post('/deals', { title: evil, companyId: company.id, people: [{ personId: person.id }] });
  for (const [kind, { id }] of Object.entries({ person, company, deal })) {
    await post('/activities', { type: 'note', subject: evil.slice(0, 90), body: `${evil}\n${signs}\n${long}\nhttps://example.com/${long}?<script>`, links: [{ kind, id }] });
    await post('/tasks', { title: `${evil} ${long}`.slice(0, 180), dueDate: '2026-11-20', target: { kind, id } });
  }
  await post('/tags', { kind: 'person', name: '<b onclick=window.hacked=1>tag</b>' });
  document.body.dataset.hostile = 'done';
})()
