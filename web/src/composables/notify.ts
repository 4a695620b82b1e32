import 'element-plus/es/components/message/style/css';
import { ElMessage } from 'element-plus';
import { asProblem, calledOff } from '@/api/errors';
import { t } from '@/i18n';

/** Says that something was done. */
export function done(message: string): void {
  ElMessage({ type: 'success', message, showClose: true, duration: 4000 });
}

/** Says why something was not done; stays until closed. */
export function failed(thrown: unknown): void {
  if (calledOff(thrown)) return;
  const problem = asProblem(thrown);
  ElMessage({
    type: 'error',
    message: `${t('shell.failed')}：${problem.detail || problem.title}（${problem.code}）`,
    showClose: true,
    duration: 0,
    grouping: true,
  });
}
