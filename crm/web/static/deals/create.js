// A new deal, from anywhere.
import { createRecord } from '../record/create.js';
import { deals } from './subject.js';

export const run = (context) => createRecord(context, deals, { preset: { ownerId: context.me.user.id } });
