// A new company, from anywhere.
import { createRecord } from '../record/create.js';
import { companies } from './subject.js';

export const run = (context) => createRecord(context, companies);
