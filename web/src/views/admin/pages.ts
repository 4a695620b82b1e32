import type { Action } from '@/api/contract';
import { useSession } from '@/stores/session';

interface AdminPage {
  id: 'accounts' | 'jobs' | 'backups' | 'settings' | 'health';
  to: string;
}

const NEEDS: Record<AdminPage['id'], Action> = { accounts: 'accounts', jobs: 'system', backups: 'system', settings: 'system', health: 'system' };

/** Parts of administration that this person may see. */
export function adminPages(): AdminPage[] {
  const session = useSession();
  return (Object.keys(NEEDS) as AdminPage['id'][])
    .filter((id) => session.may(NEEDS[id]))
    .map((id) => ({ id, to: `/admin/${id}` }));
}
