// What somebody says of themselves, and their password.
import { methods, patch } from '../api.js';
import { el } from '../dom.js';
import { firebase } from '../signin/firebase.js';
import { toast } from '../toast.js';
import { choice, field, form } from './parts.js';
import { sheet } from './sheet.js';

const languages = ['en-GB', 'en-US', 'de-DE', 'es-ES', 'fr-FR', 'it-IT', 'nl-NL', 'pl-PL', 'pt-BR', 'pt-PT', 'sv-SE', 'ja-JP', 'zh-CN', 'ar-EG', 'he-IL'];

function named(tag) {
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(tag);
  } catch {
    return tag;
  }
}

export async function section(context) {
  const { me } = context;
  const ways = await methods();
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), ...(me.zone ? [me.zone] : [])])].sort();
  const profile = form('Save', async ({ weeklyMail, ...values }) => {
    await patch('/auth/me', { ...values, weeklyMail: weeklyMail === 'yes' });
    toast('Saved');
    await context.reload();
  },
  field('Name', 'name', { value: me.user.name, maxlength: 120, autocomplete: 'name', required: true }),
  choice('Time zone', 'zone', [['', `As this browser says (${own})`], ...zones.map((zone) => [zone, zone.replaceAll('_', ' ')])], me.zone),
  choice('Dates and numbers', 'locale', [['', 'As this browser says'], ...[...new Set([...languages, ...(me.locale ? [me.locale] : [])])].map((tag) => [tag, named(tag)])], me.locale),
  choice('Your week by mail, in this workspace', 'weeklyMail', [['yes', 'On Mondays'], ['no', 'Never']], me.weeklyMail ? 'yes' : 'no'));
  const password = form('Change the password', async ({ before, after }, node) => {
    const fire = firebase(ways);
    const { idToken } = await fire.signIn(me.email, before);
    await fire.setPassword(idToken, after);
    node.reset();
    toast('The password is changed');
  },
  field('Password now', 'before', { type: 'password', autocomplete: 'current-password', required: true }),
  field('New password', 'after', { type: 'password', autocomplete: 'new-password', minlength: 6, required: true }));
  return { node: sheet('Profile', `You are signed in as ${me.email}.`, profile, ...(ways.providers.includes('password') ? [el('h3', {}, 'Password'), password] : [])) };
}
