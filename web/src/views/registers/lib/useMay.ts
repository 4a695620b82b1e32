// What this person may do with one register. The server decides; this only hides what it refuses.

import type { Action, Register } from '@/api/contract';
import { useSession } from '@/stores/session';

export function useMay(register: () => Register | null | undefined): (action: Action) => boolean {
  const session = useSession();
  return (action) => {
    const of = register();
    if (!of) return false;
    return of.actions?.includes(action) ?? session.mayOn(of.about.id, action);
  };
}
