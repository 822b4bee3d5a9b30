// People, in a list.
import { listPage } from '../list/list.js';
import { people } from './subject.js';

export const open = (context) => listPage(people, context);
