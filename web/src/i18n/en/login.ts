export default {
  title: 'Log in',
  login: 'Account',
  password: 'Password',
  submit: 'Log in',
  sso: 'Log in with {name}',
  or: 'or',
  wait: 'Wait {n} second before trying again | Wait {n} seconds before trying again',
  forgot: 'Forgotten your password? The security officer can set a new one.',
  show: 'Show password',
  hide: 'Hide password',
  caps: 'Caps lock is on',
};
