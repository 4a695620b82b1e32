import { describe, expect, test } from 'vitest';
import type { Role } from '@/api/contract';
import { blocked, wantsRegisters, wantsUnit } from '@/views/admin/roles';
import { changesOf, outside } from '@/views/admin/settings';
import { asked, leaves, originOf } from '@/views/journal/entries';

const role = (id: string, more: Partial<Role> = {}): Role => ({
  id, name: id, name_en: id, help: '', help_en: '', reach: 'links', named_registers: false, actions: [], office: false, ...more,
});
const roles = [
  role('clerk'), role('reviewer'), role('department', { reach: 'all', named_registers: true }),
  role('auditor', { reach: 'all', office: true }), role('security', { reach: 'nothing', office: true }),
];
const [clerk, reviewer, department, auditor, security] = roles as [Role, Role, Role, Role, Role];

describe('roles', () => {
  test('of the three offices stand alone', () => {
    expect([blocked(roles, [], auditor), blocked(roles, ['clerk'], auditor), blocked(roles, ['auditor'], clerk), blocked(roles, ['auditor'], security)]).toEqual([false, true, true, true]);
    expect([blocked(roles, ['clerk'], reviewer), blocked(roles, ['auditor'], auditor)]).toEqual([false, false]);
  });

  test('say what else an account needs', () => {
    expect([wantsUnit(roles, ['clerk']), wantsUnit(roles, ['auditor']), wantsRegisters(roles, ['department']), wantsRegisters(roles, ['clerk'])]).toEqual([true, false, true, false]);
    expect(department.reach).toBe('all');
  });
});

describe('settings', () => {
  const setting = { key: 'idle_minutes', value: 30, default: 30, least: 5, most: 120, name: '', name_en: '' };
  const settings = [setting, { ...setting, key: 'max_age_days', value: 90, least: 0, most: 365 }];

  test('that were changed are sent, the others not', () => {
    expect(changesOf(settings, { idle_minutes: 15, max_age_days: 90 })).toEqual({ idle_minutes: 15 });
    expect(changesOf(settings, { idle_minutes: null, max_age_days: 0 })).toEqual({ max_age_days: 0 });
  });

  test('keep their bounds', () => {
    expect(outside(settings, { idle_minutes: 5, max_age_days: 365 })).toEqual([]);
    expect(outside(settings, { idle_minutes: 4, max_age_days: 1.5 })).toEqual(['idle_minutes', 'max_age_days']);
    expect(outside(settings, { idle_minutes: null, max_age_days: 366 })).toEqual(['idle_minutes', 'max_age_days']);
  });
});

describe('the journal', () => {
  const none = { actor: '', action: '', register: '', q: '', from: '', to: '' };

  test('is asked for what was asked', () => {
    expect(asked(none, null)).toEqual({ limit: 100 });
    expect(asked(none, 153)).toEqual({ limit: 100, last: 153 });
    expect(asked({ ...none, actor: ' li ', from: '2021-07-01' }, 42, 10)).toEqual({ limit: 10, last: 42, actor: 'li', from: '2021-07-01' });
  });

  test('tells particulars line by line', () => {
    expect(leaves({ origin: '::1', counts: { inserted: 2 }, units: ['a', 'b'], rows: [{ id: 1 }], none: null })).toEqual([
      { path: 'origin', value: '::1' }, { path: 'counts.inserted', value: '2' }, { path: 'units', value: 'a, b' }, { path: 'rows.0.id', value: '1' }, { path: 'none', value: '' },
    ]);
    expect(leaves(null)).toEqual([]);
  });

  test('says where it came from', () => {
    const entry = { seq: 1, at: '', actor: 'a', reason: '', action: '', register: '', rows: 0, payload: { origin: '::1' }, digest: '', prev: '', hash: '' };
    expect(originOf(entry)).toBe('::1');
  });
});
