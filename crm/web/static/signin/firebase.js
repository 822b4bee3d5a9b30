// Firebase Authentication's REST API, as far as signing in needs it. It proves
// who somebody is; the session is the CRM's own.
import { Problem } from '../api.js';

const words = {
  EMAIL_EXISTS: 'There is an account with this address already. Sign in instead.',
  INVALID_EMAIL: 'This does not look like an e-mail address.',
  MISSING_EMAIL: 'Which e-mail address?',
  MISSING_PASSWORD: 'A password is needed.',
  WEAK_PASSWORD: 'A password has at least 6 characters.',
  INVALID_LOGIN_CREDENTIALS: 'The address or the password is not right.',
  INVALID_PASSWORD: 'The address or the password is not right.',
  EMAIL_NOT_FOUND: 'The address or the password is not right.',
  USER_DISABLED: 'This account is switched off.',
  TOO_MANY_ATTEMPTS_TRY_LATER: 'Too many attempts. Wait a little, then try again.',
  INVALID_IDP_RESPONSE: 'Google’s answer could not be used. Begin again.',
  FEDERATED_USER_ID_ALREADY_LINKED: 'This Google account belongs to another account here.',
  INVALID_OOB_CODE: 'This link has been used or has expired. Ask for another.',
  EXPIRED_OOB_CODE: 'This link has expired. Ask for another.',
  OPERATION_NOT_ALLOWED: 'This way of signing in is switched off.',
};

// firebase gives the calls at the place that the server names. Links in mails
// lead back to the path of this studio.
export function firebase({ authUrl, apiKey }, back = '/') {
  async function call(name, body) {
    let response;
    try {
      response = await fetch(`${authUrl}/accounts:${name}?key=${encodeURIComponent(apiKey)}`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), credentials: 'omit',
      });
    } catch {
      throw new Problem(503, { title: 'The sign-in service cannot be reached' });
    }
    const answer = await response.json().catch(() => ({}));
    if (answer.mfaPendingCredential) throw new Problem(501, { title: 'This account asks for a second step, which the studio does not know.' });
    if (response.ok) return answer;
    const [code] = String(answer.error?.message ?? '').split(/[ :]/);
    throw new Problem(response.status, { title: words[code] ?? 'The sign-in service refused this', code });
  }
  const continueUrl = location.origin + back;
  return {
    signIn: (email, password) => call('signInWithPassword', { email, password, returnSecureToken: true }),
    signUp: (displayName, email, password) => call('signUp', { displayName, email, password, returnSecureToken: true }),
    sendReset: (email) => call('sendOobCode', { requestType: 'PASSWORD_RESET', email, continueUrl }),
    sendVerification: (idToken) => call('sendOobCode', { requestType: 'VERIFY_EMAIL', idToken, continueUrl }),
    verify: (oobCode) => call('update', { oobCode }),
    reset: (oobCode, newPassword) => call('resetPassword', { oobCode, newPassword }),
    setPassword: (idToken, password) => call('update', { idToken, password, returnSecureToken: true }),
    startGoogle: () => call('createAuthUri', { providerId: 'google.com', authFlowType: 'CODE_FLOW', continueUri: `${location.origin}/login` }),
    finishGoogle: (requestUri, sessionId) => call('signInWithIdp', { requestUri, sessionId, returnSecureToken: true }),
  };
}
