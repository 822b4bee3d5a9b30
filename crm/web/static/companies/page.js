// Companies, in a list.
import { listPage } from '../list/list.js';
import { companies } from './subject.js';

export const open = (context) => listPage(companies, context);
