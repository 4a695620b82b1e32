import { onBeforeUnmount, onMounted } from 'vue';
import { onBeforeRouteLeave } from 'vue-router';
import { t } from '@/i18n';
import { useAsk } from '@/stores/ask';

/** Asks before a page with unsaved changes is left, within the desk or by closing the tab. */
export function useUnsaved(unsaved: () => boolean): void {
  const ask = useAsk();
  const closing = (event: BeforeUnloadEvent) => {
    if (unsaved()) event.preventDefault();
  };
  onMounted(() => addEventListener('beforeunload', closing));
  onBeforeUnmount(() => removeEventListener('beforeunload', closing));
  onBeforeRouteLeave(async () => {
    if (!unsaved()) return true;
    const left = await ask.ask({
      title: t('shell.unsaved.title'),
      text: t('shell.unsaved.text'),
      action: t('shell.unsaved.leave'),
      danger: true,
    });
    return left !== null;
  });
}
