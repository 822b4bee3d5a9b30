// The four first steps: a name, a pipeline, colleagues, and something to see.
import { get, patch, post } from '../api.js';
import { el, icon } from '../dom.js';
import { massively } from '../live/own.js';
import { pages } from '../pages.js';
import { copyable } from '../settings/parts.js';

// Each is {id, title, text, label, build(context) → {node, submit() → done?}}.
// submit resolves to false if there is more to do in this step.
export const steps = [
  {
    id: 'name', title: 'Name the workspace', text: 'Your company or team. Everybody who works here sees it.', label: 'Continue',
    build(context) {
      const input = el('input', { name: 'workspace', maxlength: 120, autocomplete: 'organization', dir: 'auto', value: context.me.workspace.name });
      return {
        node: el('label', { class: 'field' }, el('span', {}, 'Name'), input),
        async submit() {
          const name = input.value.trim();
          if (!name || name === context.me.workspace.name) return;
          const { version } = await get('/workspace');
          await patch('/workspace', { name }, { version });
          context.renamed(name);
        },
      };
    },
  },
  {
    id: 'pipeline', title: 'Choose a pipeline', text: 'The way of a deal from the first talk to the end. Its stages can be changed at any time.', label: 'Use this one',
    async build() {
      const { items } = await get('/pipelines/presets');
      return {
        node: el('fieldset', { class: 'presets' }, el('legend', { class: 'hidden' }, 'Pipeline'), items.map((preset, i) => el('label', { class: 'preset' },
          el('input', { type: 'radio', name: 'preset', value: preset.key, checked: i === 0 }),
          el('span', { class: 'what' }, preset.name), el('span', { class: 'muted small' }, preset.about),
          el('span', { class: 'stages' }, preset.stages.filter((stage) => stage.kind === 'open').map((stage) => el('span', {}, stage.name)))))),
        submit: (node) => post('/pipelines', { preset: node.querySelector(':checked').value, replace: true }),
      };
    },
  },
  {
    id: 'invite', title: 'Invite a colleague', text: 'A CRM is worth more with two. You get a link to send them, good for a week.', label: 'Invite',
    build() {
      const email = el('input', { name: 'invite', type: 'email', maxlength: 254, autocomplete: 'off', placeholder: 'ana@company.com' });
      const role = el('select', { name: 'role' }, [['member', 'Member: reads and writes'], ['viewer', 'Viewer: reads'], ['admin', 'Admin: settings, too']].map(([value, text]) => el('option', { value }, text)));
      const sent = el('ul', { class: 'sent', 'aria-live': 'polite' });
      return {
        node: el('div', { class: 'invite' }, el('label', { class: 'field' }, el('span', {}, 'E-mail'), email), el('label', { class: 'field' }, el('span', {}, 'Role'), role), sent),
        async submit() {
          if (!email.value.trim()) return true;
          const invite = await post('/invites', { email: email.value.trim(), role: role.value });
          sent.append(el('li', {}, el('span', { class: 'muted small', dir: 'ltr' }, invite.email), copyable(`Link for ${invite.email}`, new URL(invite.url, location.origin).href)));
          email.value = '';
          email.focus();
          return false;
        },
      };
    },
  },
  {
    id: 'data', title: 'Bring something in', text: 'Your contacts from a CSV file, or records of a made-up company to look around with.', label: 'Go on without',
    build(context) {
      const fault = el('p', { class: 'fault', role: 'alert', hidden: true });
      const demo = el('button', { type: 'button', class: 'bigchoice', 'data-testid': 'demo', onclick: fill }, icon('ask'), el('span', { class: 'what' }, 'Load demo records'), el('span', { class: 'muted small' }, 'People, companies, deals and what happened with them'));
      async function fill() {
        demo.disabled = true;
        fault.hidden = true;
        demo.querySelector('.what').textContent = 'Loading demo records…';
        try {
          await massively(post('/demo'));
          context.finish('/');
        } catch (problem) {
          fault.textContent = problem.message;
          fault.hidden = false;
          demo.disabled = false;
          demo.querySelector('.what').textContent = 'Load demo records';
        }
      }
      const bring = pages.some((page) => page.path === '/import')
        ? el('button', { type: 'button', class: 'bigchoice', onclick: () => context.finish('/import') }, icon('upload'), el('span', { class: 'what' }, 'Import a CSV file'), el('span', { class: 'muted small' }, 'With a preview, and it can be undone')) : null;
      return { node: el('div', { class: 'bigchoices' }, bring, demo, fault), submit: () => true };
    },
  },
];
