// A new person, from anywhere.
import { createRecord } from '../record/create.js';
import { people } from './subject.js';

export const run = (context) => createRecord(context, people);
