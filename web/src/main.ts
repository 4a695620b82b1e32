import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { guardWith } from './api/client';
import App from './App.vue';
import { router } from './router';
import { useAsk } from './stores/ask';
import { useSession } from './stores/session';
import './styles/base.css';
import './styles/element.css';
import './styles/print.css';

const app = createApp(App);
app.use(createPinia());

const session = useSession();
const ask = useAsk();
guardWith({
  login: async () => (session.session ? ask.loginAgain() : false),
  change: () => void router.push('/account'),
});

app.use(router);
app.mount('#desk');
