// The kinds of records that have a list, a page and a form.
import { companies } from './companies/subject.js';
import { deals } from './deals/subject.js';
import { people } from './people/subject.js';

export const subjects = { people, companies, deals };
