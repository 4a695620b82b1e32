import type { Messages } from './index';

export default import.meta.glob<Messages>('./en/*.ts', { eager: true, import: 'default' });
