// Which roles go together. The server decides; this says beforehand why one cannot be chosen.

import type { Role } from '@/api/contract';

/** An office of the three stands alone: with it no other role, with another role not it. */
export function blocked(roles: Role[], chosen: readonly string[], role: Role): boolean {
  const others = roles.filter((one) => chosen.includes(one.id) && one.id !== role.id);
  return others.length > 0 && (role.office || others.some((one) => one.office));
}

/** Whether an account of these roles must say which registers are its own. */
export function wantsRegisters(roles: Role[], chosen: readonly string[]): boolean {
  return roles.some((role) => chosen.includes(role.id) && role.named_registers);
}

/** Whether an account of these roles belongs to a unit: what it reaches depends on it. */
export function wantsUnit(roles: Role[], chosen: readonly string[]): boolean {
  return roles.some((role) => chosen.includes(role.id) && role.reach === 'links');
}
